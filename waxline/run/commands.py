"""What `run` does."""

import argparse
from collections.abc import Sequence

from rich.console import Console

from common.dumps import Dump, find_dumps
from common.errors import NotEqualError
from common.outputs import counted
from common.service import read_settings, run_service
from config.settings import Settings
from waxline.run.look import ways_to_look
from waxline.run.summary import conclusion
from waxline.run.telling import run_and_tell
from waxline.saying import make_console, say, say_whole
from waxline.servers.embedded import EmbeddedServers
from waxline.servers.lending import lent_servers


def run(arguments: argparse.Namespace) -> int:
    """Load dumps with extractor and loaders as child processes; print the outcome.

    Raises `NotEqualError` when a sink does not equal its dump.
    """
    settings = read_settings(sinks=arguments.sinks)
    dumps = find_dumps(arguments.dumps, arguments.date)
    console = make_console()
    with lent_servers(settings, console) as (complete, embedded):

        async def main(settings: Settings) -> int:
            await _run(dumps, settings, _options(arguments), console)
            up = EmbeddedServers(settings.data_folder).kept
            for line in ways_to_look(settings, embedded, up=up):
                say_whole(console, line)
            return 0

        return run_service("run", complete, main, lifeline=arguments.lifeline)


async def _run(
    dumps: Sequence[Dump], settings: Settings, options: Sequence[str], console: Console
) -> None:
    outcome = await run_and_tell(dumps, settings, options, console)
    if not outcome.good():
        times = counted(outcome.attempts, "reading")
        raise NotEqualError(f"not every sink equals its dump after {times}: see above")
    say(console, conclusion(outcome))


def _options(arguments: argparse.Namespace) -> list[str]:
    """Return the extractor's options as they were given to us."""
    options = []
    if arguments.date:
        options += ["--date", str(arguments.date)]
    if arguments.allow_older:
        options.append("--allow-older")
    if arguments.allow_deletions:
        options.append("--allow-deletions")
    return options
