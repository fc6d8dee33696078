"""The command line of the generator: ``waxline generate DIR``."""

import argparse
import sys
from pathlib import Path

from common.outputs import counted
from generator.dumps import write_files
from generator.plan import SHAPES, Plan

SHARES = {
    "changed": "records that change in a month",
    "added": "records that a month adds",
    "deleted": "records that a month deletes, half of them merged into others",
    "returned": "records that go back to an earlier content or come back",
}

PLANNED = ("releases", "seed", "month", "shape", *SHARES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``run`` reads, with the plan's own defaults."""
    default = Plan()
    parser.add_argument(
        "directory",
        type=Path,
        metavar="DIR",
        help="folder for the four dumps and their CHECKSUM file; made if need be",
    )
    parser.add_argument(
        "--releases",
        type=int,
        default=default.releases,
        metavar="N",
        help="releases in month 1; the other entities follow (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=default.seed,
        metavar="S",
        help="another seed is another world (default: %(default)s)",
    )
    parser.add_argument(
        "--month",
        type=int,
        default=default.month,
        metavar="M",
        help="1 is January 2026; a later month is the same world, changed (default: %(default)s)",
    )
    parser.add_argument(
        "--shape",
        choices=SHAPES,
        default=default.shape,
        help="today's elements, or those of 2020 and before (default: %(default)s)",
    )
    for name, help_text in SHARES.items():
        parser.add_argument(
            f"--{name}",
            type=float,
            default=getattr(default, name),
            metavar="F",
            help=f"share of {help_text} (default: %(default)s)",
        )


def run(arguments: argparse.Namespace) -> int:
    """Write a month of dumps and print a line per file.

    Returns 2 when the numbers make no catalogue and 1 when a file cannot be written.
    """
    try:
        plan = Plan(**{name: getattr(arguments, name) for name in PLANNED})
        written = write_files(plan, arguments.directory)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"cannot write the dumps: {error}\n")
        return 1
    for file in written:
        records = "" if file.records is None else f"  {counted(file.records, 'record')}"
        sys.stdout.write(f"{file.path}  {file.path.stat().st_size:,} bytes{records}\n")
    return 0
