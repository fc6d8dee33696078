"""``waxline``: the front door."""

import argparse
import sys
from collections.abc import Callable

from common.service import report_errors
from extractor.__main__ import add_arguments as add_extract_arguments
from loaders.__main__ import add_arguments as add_load_arguments
from waxline import commands
from waxline.generator.cli import add_arguments as add_generate_arguments
from waxline.generator.cli import run as run_generate

Run = Callable[[argparse.Namespace], int]
AddArguments = Callable[[argparse.ArgumentParser], None]

_COMMANDS: tuple[tuple[str, str, AddArguments, Run], ...] = (
    (
        "run",
        "load dumps into every sink and compare the sinks with them",
        commands.add_run_arguments,
        commands.run,
    ),
    (
        "extract",
        "read dumps and send what changed to the broker",
        add_extract_arguments,
        commands.extract,
    ),
    (
        "load",
        "load what the extractor sends into one database",
        add_load_arguments,
        commands.load,
    ),
    (
        "servers",
        "start or stop the embedded servers, or print their URLs",
        commands.add_servers_arguments,
        commands.servers,
    ),
    (
        "generate",
        "write synthetic dumps, month after month",
        add_generate_arguments,
        run_generate,
    ),
    (
        "config",
        "print every setting, its value and where it can be set",
        commands.add_config_arguments,
        commands.config,
    ),
)

_EPILOG = """\
Settings come from WAXLINE_<NAME> in the environment or from waxline.toml; `waxline config`
lists them all.  A server whose URL is not set is started by `waxline run` itself.

exit codes: 0 done, every sink equals the dumps; 2 bad settings or arguments; 3 a dump cannot
be read; 4 a server cannot be used; 5 a sink differs from a dump; 6 another extractor is at
work; 1 anything else
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="waxline",
        description="Loads Discogs dumps into PostgreSQL and a graph, at the cost of what changed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary, add_arguments, run in _COMMANDS:
        command = subparsers.add_parser(name, help=summary, description=f"{summary}.".capitalize())
        add_arguments(command)
        command.set_defaults(run=run)
    return parser


def main() -> int:
    """Parse the command line and run the command."""
    arguments = make_parser().parse_args()
    return report_errors(lambda: int(arguments.run(arguments)))


if __name__ == "__main__":
    sys.exit(main())
