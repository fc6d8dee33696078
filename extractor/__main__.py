"""``python -m extractor DUMP…``: read dumps and send what changed to the broker."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from common.service import read_settings, report_errors, run_service
from config.settings import Settings
from extractor.dumps import find_dumps
from extractor.extract import extract


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "dumps", metavar="DUMP", nargs="+", type=Path, help="discogs_YYYYMMDD_ENTITY.xml.gz"
    )
    parser.add_argument(
        "--date", type=int, metavar="YYYYMMDD", help="date of dumps whose names have none"
    )
    parser.add_argument(
        "--allow-older", action="store_true", default=None, help="load even an older dump"
    )
    parser.add_argument(
        "--allow-deletions",
        action="store_true",
        default=None,
        help="delete even more than a tenth of what is loaded",
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

    return run_service("extractor", settings, main)


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m extractor", description=__doc__)
    add_arguments(parser)
    arguments = parser.parse_args()
    return report_errors(lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
