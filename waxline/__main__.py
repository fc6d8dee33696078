"""``waxline``: the front door."""

import argparse
import logging
import sys
from collections.abc import Callable

from common.service import report_errors
from extractor.__main__ import add_arguments as add_extract_arguments
from loaders.__main__ import add_arguments as add_load_arguments
from waxline import commands
from waxline.checking import arguments as checking
from waxline.checking import commands as checks
from waxline.generator.cli import add_arguments as add_generate_arguments
from waxline.generator.cli import run as run_generate
from waxline.mending import arguments as mending
from waxline.mending import commands as mends

Run = Callable[[argparse.Namespace], int]
AddArguments = Callable[[argparse.ArgumentParser], None]

_COMMANDS: tuple[tuple[str, str, str, AddArguments, Run], ...] = (
    (
        "run",
        "load dumps into every sink and compare the sinks with them",
        "Each dump is read once; what changed since the last time is sent to the sinks, which "
        "then delete what the dump no longer has and compare themselves with it.  Stopped or "
        "killed, the same command continues.  Servers without a URL are started and stopped.",
        commands.add_run_arguments,
        commands.run,
    ),
    (
        "audit",
        "compare every sink with its last run, at any time",
        "Needs neither dump nor broker: count and fingerprints of what each sink holds are "
        "compared with what the last run has left there, range of ids by range of ids.",
        checking.add_audit_arguments,
        checks.audit,
    ),
    (
        "verify",
        "read records from a dump again and compare every row and edge",
        "Names what differs.  The dump must be the one that is loaded; nothing is changed.",
        checking.add_verify_arguments,
        checks.verify,
    ),
    (
        "repair",
        "send again what differs from a dump, and show it equal",
        "Finds the records that a sink does not hold as the dump has them, and runs the dump so "
        "that they are written anew.  Stopped or killed, the same command continues.",
        checking.add_repair_arguments,
        checks.repair,
    ),
    (
        "quarantine",
        "list, show or replay what is in a dump and not in a sink",
        "Records that could not be read or written, and messages that could not be loaded.  "
        "After a fix, `replay` sends them again.",
        mending.add_quarantine_arguments,
        mends.quarantine,
    ),
    (
        "runs",
        "print what was loaded when, and how it came out",
        "A line for each run and sink, the newest first, out of the sinks' own tables; read, sent "
        "and quarantined are the extractor's, where they are known here.",
        mending.add_runs_arguments,
        mends.runs,
    ),
    (
        "extract",
        "read dumps and send what changed to the broker",
        "One half of `run`, to be used with `waxline load` running elsewhere: it ends when "
        "everything is in the broker.",
        add_extract_arguments,
        commands.extract,
    ),
    (
        "load",
        "load what the extractor sends into one database, until stopped",
        "The other half of `run`.  Several may run at once; stopped (Ctrl-C, SIGTERM) or "
        "killed, it loses nothing.",
        add_load_arguments,
        commands.load,
    ),
    (
        "servers",
        "start or stop the embedded servers, or print their URLs",
        "PostgreSQL, ArcadeDB and Valkey (as store and as broker) on 127.0.0.1, with their data "
        "in WAXLINE_DATA_FOLDER.",
        commands.add_servers_arguments,
        commands.servers,
    ),
    (
        "generate",
        "write synthetic dumps, month after month",
        "The same numbers give the same bytes.  Try: waxline generate demo --releases 500, "
        "waxline run demo/*.xml.gz; the next month: --month 2 into another folder.",
        add_generate_arguments,
        run_generate,
    ),
    (
        "config",
        "print every setting, its value (no secrets) and what it means",
        "A setting comes from WAXLINE_<NAME> in the environment, else from the file that "
        "WAXLINE_<NAME>_FILE names (for secrets), else from waxline.toml in the working folder "
        'or the file that WAXLINE_CONFIG names (lines such as sinks = ["postgres"]), else it '
        "has its default.",
        commands.add_config_arguments,
        commands.config,
    ),
)

_EPILOG = """\
To begin:
  waxline generate demo --releases 500     write small synthetic dumps
  waxline run demo/*.xml.gz                load them, on servers of its own
Settings come from WAXLINE_<NAME> in the environment or from waxline.toml; `waxline config`
lists them all.  A server whose URL is not set is started by `waxline run` itself.

exit codes: 0 done, every sink equals the dumps; 2 bad settings or arguments; 3 a dump cannot
be read; 4 a server cannot be used; 5 a sink differs from a dump; 6 another extractor is at
work; 130, 143 stopped by Ctrl-C, SIGTERM; 1 anything else
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
    for name, summary, description, add_arguments, run in _COMMANDS:
        sentence = f"{summary[0].upper()}{summary[1:]}.  {description}"
        command = subparsers.add_parser(
            name, help=summary, description=sentence, epilog="Settings: see `waxline config`."
        )
        add_arguments(command)
        command.set_defaults(run=run)
    return parser


def main() -> int:
    """Parse the command line and run the command."""
    # Until a command sets up the logs, a library would print what a server does while it starts.
    logging.getLogger().addHandler(logging.NullHandler())
    arguments = make_parser().parse_args()
    return report_errors(lambda: int(arguments.run(arguments)))


if __name__ == "__main__":
    sys.exit(main())
