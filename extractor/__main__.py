"""``python -m extractor DUMP…``: read dumps and send what changed to the broker."""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from common.service import add_lifeline_argument, read_settings, report_errors, run_service
from config.settings import Settings
from extractor.dumps import find_dumps
from extractor.extract import extract


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_lifeline_argument(parser)
    parser.add_argument(
        "dumps",
        metavar="DUMP",
        nargs="+",
        type=Path,
        help="a dump, gzipped or plain, at most one per entity and in any order: its name says "
        "artists, labels, masters or releases, and the date (discogs_20260401_releases.xml.gz)",
    )
    parser.add_argument(
        "--date",
        type=date_of,
        metavar="YYYYMMDD",
        help="date of the dumps, in place of the one in their names",
    )
    parser.add_argument(
        "--allow-older",
        action="store_true",
        default=None,
        help="load a dump even when it is older than what is loaded (refused otherwise)",
    )
    parser.add_argument(
        "--allow-deletions",
        action="store_true",
        default=None,
        help="delete what the dump lacks even when that is more than a tenth of what is loaded "
        "(nothing is deleted otherwise)",
    )


def run(
    arguments: argparse.Namespace, complete: Callable[[Settings], Settings] = lambda given: given
) -> int:
    """Extract the dumps named; return the exit code.  ``complete`` may fill in settings."""
    settings = complete(
        read_settings(allow_older=arguments.allow_older, allow_deletions=arguments.allow_deletions)
    )
    dumps = find_dumps(arguments.dumps, arguments.date)

    async def main(settings: Settings) -> int:
        await extract(dumps, settings)
        return 0

    return run_service("extractor", settings, main, lifeline=arguments.lifeline)


def date_of(text: str) -> int:
    """Read eight digits as a date; raise `ValueError`, which argparse turns into its sentence."""
    try:
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date as eight digits") from None


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m extractor",
        description="Read dumps and send what changed to the broker.",
        epilog="Settings: see `waxline config`.",
    )
    add_arguments(parser)
    arguments = parser.parse_args()
    return report_errors(lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
