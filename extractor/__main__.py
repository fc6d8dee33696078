"""``python -m extractor DUMP…``: read dumps and send what changed to the broker."""

import argparse
import sys
from collections.abc import Callable

from common.service import read_settings, report_errors, run_service
from config.settings import Settings
from extractor.arguments import add_arguments
from extractor.dumps import find_dumps
from extractor.extract import extract


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
