"""Arguments that several commands take."""

import argparse
from datetime import date


def add_lifeline_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--lifeline``, for children: their parent, however it ends, closes a pipe."""
    parser.add_argument("--lifeline", action="store_true", help=argparse.SUPPRESS)


def add_date_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--date``."""
    parser.add_argument(
        "--date",
        type=_date,
        metavar="YYYYMMDD",
        help="date of the dumps, in place of the one in their names",
    )


def add_sinks_argument(parser: argparse.ArgumentParser) -> None:
    """Declare ``--sinks``."""
    parser.add_argument(
        "--sinks",
        metavar="SINKS",
        help="the databases: postgres, neo4j or postgres,neo4j, in place of the setting of this "
        "name; PostgreSQL alone takes a quarter of the time",
    )


def count(text: str) -> int:
    """Read a number from 1 on; raise `ArgumentTypeError`, which argparse makes a sentence of."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _date(text: str) -> int:
    try:
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date as eight digits") from None
