"""What `quarantine` and `runs` take."""

import argparse
from pathlib import Path

from common.arguments import add_date_argument, count
from common.entities import LOAD_ORDER
from config.sinks import SINKS, sink_named

RUNS_SHOWN = 20

ENTITIES = {entity.plural: entity for entity in LOAD_ORDER}


def add_quarantine_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `quarantine` takes: an action, and what the action takes."""
    actions = parser.add_subparsers(
        metavar="ACTION",
        dest="action",
        required=True,
        help="list: a line for each; show: all that is known of one; replay: have them loaded",
    )
    _add_list(actions.add_parser("list", help="list what is left out, a line for each"))
    _add_show(actions.add_parser("show", help="show all that is known of one, with its bytes"))
    _add_replay(actions.add_parser("replay", help="have it loaded after all"))


def add_runs_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `runs` takes."""
    parser.add_argument(
        "--limit",
        type=count,
        metavar="N",
        default=RUNS_SHOWN,
        help=f"show the last N runs ({RUNS_SHOWN} if nothing is said)",
    )


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--entity", choices=[*ENTITIES], help="only records of this kind")
    parser.add_argument(
        "--sink",
        type=sink_named,
        choices=SINKS,
        help="only what this sink has not, whatever the others have",
    )
    parser.add_argument(
        "--all", action="store_true", help="what has been loaded since as well: it is settled"
    )


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="a key that `list` shows")
    parser.add_argument(
        "--raw", action="store_true", help="write the bytes as they are, and nothing else"
    )


def _add_replay(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("keys", metavar="KEY", nargs="*", default=[], help="keys that `list` shows")
    which.add_argument(
        "--all",
        action="store_true",
        help="everything that `list` shows, and the dead letters that are settled: that removes "
        "them",
    )
    parser.add_argument(
        "--dump",
        type=Path,
        metavar="PATH",
        action="append",
        default=[],
        help="the dump to send records from, when the file that was loaded last is gone; may "
        "be given once per kind of record",
    )
    add_date_argument(parser)
