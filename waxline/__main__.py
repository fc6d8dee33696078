"""``waxline``: the front door.  What a command needs is imported when it is the one that runs."""

import argparse
import gc
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any

from waxline.ours import forget_working_folder, stranger

_COMMANDS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "run",
        "load dumps into every sink and compare the sinks with them",
        "Each dump is read once; what changed since the last time is sent to the sinks, which "
        "then delete what the dump no longer has and compare themselves with it.  Stopped or "
        "killed, the same command continues.  Servers without a URL are started and stopped.",
        "waxline.run.arguments:add_run_arguments",
        "waxline.run.commands:run",
    ),
    (
        "audit",
        "compare every sink with its last run, at any time",
        "Needs neither dump nor broker: count and fingerprints of what each sink holds are "
        "compared with what the last run has left there, range of ids by range of ids.",
        "waxline.check.arguments:add_audit_arguments",
        "waxline.check.commands:audit",
    ),
    (
        "verify",
        "read records from a dump again and compare every row and edge",
        "Names what differs.  The dump must be the one that is loaded; nothing is changed.",
        "waxline.check.arguments:add_verify_arguments",
        "waxline.check.commands:verify",
    ),
    (
        "repair",
        "send again what differs from a dump, and show it equal",
        "Finds the records that a sink does not hold as the dump has them, and runs the dump so "
        "that they are written anew.  Stopped or killed, the same command continues.",
        "waxline.check.arguments:add_repair_arguments",
        "waxline.check.commands:repair",
    ),
    (
        "quarantine",
        "list, show or replay what is in a dump and not in a sink",
        "Records that could not be read or written, and messages that could not be loaded.  "
        "After a fix, `replay` sends them again.",
        "waxline.quarantine.arguments:add_quarantine_arguments",
        "waxline.quarantine.commands:quarantine",
    ),
    (
        "runs",
        "print what was loaded when, and how it came out",
        "A line for each run and sink, the newest first, out of the sinks' own tables; read, sent "
        "and quarantined are the extractor's, where they are known here.",
        "waxline.quarantine.arguments:add_runs_arguments",
        "waxline.quarantine.commands:runs",
    ),
    (
        "extract",
        "read dumps and send what changed to the broker",
        "One half of `run`, to be used with `waxline load` running elsewhere: it ends when "
        "everything is in the broker.",
        "extractor.arguments:add_arguments",
        "waxline.services:extract",
    ),
    (
        "load",
        "load what the extractor sends into one database, until stopped",
        "The other half of `run`.  Several may run at once; stopped (Ctrl-C, SIGTERM) or "
        "killed, it loses nothing.",
        "loaders.arguments:add_arguments",
        "waxline.services:load",
    ),
    (
        "serve",
        "answer over HTTP from what is loaded, until stopped",
        "An API of your own under /v1, from PostgreSQL; /docs of a running one lists what can be "
        "asked.  Embedded servers without a URL are started and stopped.",
        "serving.arguments:add_arguments",
        "waxline.services:serve",
    ),
    (
        "cache",
        "try, describe or empty the caches",
        "`check` tries each operation on cache_url and store_url, and says what works; `stats` "
        "tells what is held and how often it was hit; `clear` forgets cached answers, which are "
        "then made anew.",
        "waxline.cache.arguments:add_cache_arguments",
        "waxline.cache.commands:cache",
    ),
    (
        "keys",
        "make, list or revoke the keys that serve answers to",
        "A key may have a limit of its own, and its use is counted by the day.  It is shown once, "
        "when it is made: the database keeps its hash alone.",
        "waxline.keys.arguments:add_arguments",
        "waxline.keys.commands:keys",
    ),
    (
        "servers",
        "start or stop the embedded servers, tell which run, print their URLs",
        "PostgreSQL, ArcadeDB and Valkey (as store and as broker) on 127.0.0.1, with their data "
        "in WAXLINE_DATA_FOLDER.",
        "waxline.servers.arguments:add_servers_arguments",
        "waxline.servers.commands:servers",
    ),
    (
        "generate",
        "write synthetic dumps, month after month",
        "The same numbers give the same bytes.  Try: waxline generate demo --releases 500, "
        "waxline run demo/*.xml.gz; the next month: --month 2 into another folder.",
        "generator.cli:add_arguments",
        "generator.cli:run",
    ),
    (
        "config",
        "print every setting, its value (no secrets) and what it means",
        "A setting comes from WAXLINE_<NAME> in the environment, else from the file that "
        "WAXLINE_<NAME>_FILE names (for secrets), else from waxline.toml in the working folder "
        'or the file that WAXLINE_CONFIG names (lines such as sinks = ["postgres"]), else it '
        "has its default.",
        "",
        "waxline.show_settings:config",
    ),
)

_EPILOG = """\
To begin, on servers of its own:
  waxline generate demo --releases 500
  waxline run demo/*.xml.gz
Servers of yours are used where their URLs are set, as
WAXLINE_<NAME> in the environment or in waxline.toml;
`waxline config` lists all settings.

exit codes:
  0    done, every sink equals the dumps
  1    anything else
  2    bad settings or arguments
  3    a dump cannot be read
  4    a server cannot be used
  5    a sink differs from a dump
  6    another extractor is at work
  129  stopped by a closed terminal
  130  stopped by Ctrl-C
  143  stopped by SIGTERM
"""

_DESCRIPTION = """\
Loads Discogs dumps into PostgreSQL and a graph,
at the cost of what changed.
"""


def make_parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command line; the command among ``words`` has its arguments."""
    parser = argparse.ArgumentParser(
        prog="waxline",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and end")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary, description, arguments, run in _COMMANDS:
        sentence = f"{summary[0].upper()}{summary[1:]}.  {description}"
        command = subparsers.add_parser(
            name, help=summary, description=sentence, epilog="Settings: see `waxline config`."
        )
        if name in words and arguments:
            _named(arguments)(command)
        command.set_defaults(run=run)
    return parser


class _Version(argparse.Action):
    """Prints the version; looks it up only now."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        version = _named("importlib.metadata:version")
        parser.exit(message=f"waxline {version('waxline')}\n")


def main() -> int:
    """Parse the command line and run the command."""
    gc.disable()  # until all is imported: it was walked again and again, and once more at the end
    forget_working_folder()
    if sentence := stranger():
        sys.stderr.write(f"waxline: {sentence}\n")
        return 1
    _named("common.outputs:outlive_terminal")()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what it cannot write is written as \\u2026
            stream.reconfigure(errors="backslashreplace")
    # Until a command sets up the logs, a library would print what a server does while it starts.
    logging.getLogger().addHandler(logging.NullHandler())
    arguments = make_parser(sys.argv[1:]).parse_args()
    return int(_named("common.service:report_errors")(lambda: _run(arguments)))


def _run(arguments: argparse.Namespace) -> int:
    """Import a command and run it, with what was imported set apart from what may be garbage."""
    command = _named(arguments.run)
    gc.freeze()
    gc.enable()
    return int(command(arguments))


def _named(place: str) -> Any:
    """Import what ``module:name`` says, now that it is needed."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


if __name__ == "__main__":
    sys.exit(main())
