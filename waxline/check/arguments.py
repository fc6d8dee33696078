"""What `audit`, `verify` and `repair` take."""

import argparse
from pathlib import Path

from common.arguments import add_date_argument, add_sinks_argument, count
from common.entities import LOAD_ORDER, Entity

SAMPLE_SIZE = 1_000
SHOWN = 20

_BY_PLURAL = {entity.plural: entity for entity in LOAD_ORDER}


def add_audit_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `audit` takes."""
    add_sinks_argument(parser)
    parser.add_argument(
        "--entity",
        metavar="ENTITY",
        nargs="+",
        choices=[*_BY_PLURAL],
        default=[*_BY_PLURAL],
        help="compare only these of artists, labels, masters and releases",
    )


def entities_of(arguments: argparse.Namespace) -> list[Entity]:
    """Return the entities asked for, in loading order."""
    return [entity for name, entity in _BY_PLURAL.items() if name in arguments.entity]


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `verify` takes."""
    add_sinks_argument(parser)
    _add_dumps(parser)
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument(
        "--sample",
        type=count,
        metavar="N",
        default=SAMPLE_SIZE,
        help=f"compare N records of each dump, drawn evenly from all of it ({SAMPLE_SIZE} if "
        "nothing is said)",
    )
    how_many.add_argument(
        "--all",
        action="store_true",
        help="compare every record, and find what is held that the dump has not",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        help="draw another sample: the same number draws the same ids",
    )
    _add_show(parser)


def add_repair_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `repair` takes."""
    add_sinks_argument(parser)
    _add_dumps(parser)
    parser.add_argument(
        "--all",
        action="store_true",
        help="find what differs by comparing every row and edge, as `verify --all` does, and "
        "not only by fingerprints",
    )
    parser.add_argument(
        "--allow-deletions",
        action="store_true",
        default=None,
        help="delete what the dump lacks even when that is more than a tenth of what is loaded",
    )
    _add_show(parser)


def _add_dumps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "dumps",
        metavar="DUMP",
        nargs="+",
        type=Path,
        help="a dump that is loaded, at most one per entity and in any order",
    )
    add_date_argument(parser)


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--show",
        type=count,
        metavar="N",
        default=SHOWN,
        help=f"print the first N differences ({SHOWN} if nothing is said) and count the others",
    )
