"""The command that reads dumps and sends what changed to the broker."""

import argparse
import asyncio
from collections.abc import Callable

from common.dumps import find_dumps
from common.service import read_settings, report_errors, run_service
from config.settings import Settings
from extractor.arguments import add_arguments
from extractor.extract import extract


def run(
    arguments: argparse.Namespace,
    complete: Callable[[Settings], Settings] = lambda given: given,
    *,
    at_word: bool = False,
) -> int:
    """Extract the dumps named; return the exit code.  ``complete`` may fill in settings.

    ``at_word``: be ready, and begin when something comes from the lifeline.
    """
    settings = complete(
        read_settings(allow_older=arguments.allow_older, allow_deletions=arguments.allow_deletions)
    )
    dumps = find_dumps(arguments.dumps, arguments.date)
    begin = asyncio.Event()
    if not at_word:
        begin.set()

    async def main(settings: Settings) -> int:
        await extract(dumps, settings, begin)
        return 0

    return run_service("extractor", settings, main, lifeline=arguments.lifeline, told=begin)


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m extractor",
        description="Read dumps and send what changed to the broker.",
        epilog="Settings: see `waxline config`.",
    )
    add_arguments(parser)
    parser.add_argument("--at-word", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    return report_errors(lambda: run(arguments, at_word=arguments.at_word))
