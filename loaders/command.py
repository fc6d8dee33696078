"""The command that loads what the extractor sends into one database."""

import argparse
from collections.abc import Callable

from common.service import read_settings, report_errors, run_service
from config.settings import Settings
from loaders import open_sink
from loaders.arguments import add_arguments
from loaders.load import load


def run(
    arguments: argparse.Namespace, complete: Callable[[Settings], Settings] = lambda given: given
) -> int:
    """Load until a signal comes; return the exit code.  ``complete`` may fill in settings."""
    settings = complete(read_settings())
    sink = open_sink(arguments.sink, settings)

    async def main(settings: Settings) -> int:
        await load(sink, settings)
        return 0

    return run_service(f"loader-{arguments.sink}", settings, main, lifeline=arguments.lifeline)


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m loaders",
        description="Load what the extractor sends into one database, until stopped.",
        epilog="Settings: see `waxline config`.",
    )
    add_arguments(parser)
    arguments = parser.parse_args()
    return report_errors(lambda: run(arguments))
