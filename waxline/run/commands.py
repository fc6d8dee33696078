"""What `run` does."""

import argparse
from collections.abc import Collection, Iterator, Sequence

from rich.console import Console

from common.dumps import Dump, find_dumps
from common.errors import NotEqualError
from common.outputs import counted
from common.service import run_service
from common.store import open_store
from config.settings import Settings, load_settings
from config.sinks import SERVERS
from waxline.console import make_console, say, say_whole, width_of
from waxline.run.display import Display
from waxline.run.first_queries import ways_to_look
from waxline.run.pipeline import Outcome, Pipeline, run_dumps
from waxline.run.summary import conclusion, extractor_table, remarks, sink_table
from waxline.servers.embedded import EmbeddedServers
from waxline.servers.lending import environment_of, lent_servers


def run(arguments: argparse.Namespace) -> int:
    """Load dumps with extractor and loaders as child processes; print the outcome.

    Raises `NotEqualError` when a sink does not equal its dump.
    """
    given = load_settings(sinks=arguments.sinks)
    dumps = find_dumps(arguments.dumps, arguments.date)
    console = make_console()
    with lent_servers(given, console) as (settings, embedded):

        async def main() -> None:
            outcome = await run_and_tell(dumps, settings, _options(arguments), console)
            if not outcome.good():
                times = counted(outcome.attempts, "reading")
                raise NotEqualError(f"not every sink equals its dump after {times}: see above")
            say(console, conclusion(outcome))
            for line in _ways_to_look(settings, embedded):
                say_whole(console, line)

        return run_service("run", settings, main, lifeline=arguments.lifeline)


async def run_and_tell(
    dumps: Sequence[Dump], settings: Settings, options: Sequence[str], console: Console
) -> Outcome:
    """Load the dumps with extractor and loaders as child processes; print the two tables.

    ``options`` are the extractor's.
    """
    pipeline = Pipeline(
        sinks=settings.sinks,
        environment=environment_of(settings),
        words=options,
        logs=settings.data_folder / "logs",
        attempts=settings.run_attempts,
        retry_seconds=settings.retry_seconds,
        shutdown_seconds=settings.shutdown_seconds,
    )
    store = open_store(settings.server("store"))
    try:
        with Display(console) as display:
            outcome = await run_dumps(dumps, pipeline, store, display)
    finally:
        await store.close()
    width = width_of(console)
    tables = extractor_table(outcome, width), sink_table(outcome, settings.sinks, width)
    for line in (line for table in tables for line in (*table, "")):
        say(console, line)
    for remark in remarks(outcome):
        say(console, remark)
    return outcome


def _ways_to_look(settings: Settings, embedded: Collection[str]) -> Iterator[str]:
    folder = settings.data_folder
    urls = {name: settings.server(SERVERS[name]).url for name in settings.sinks}
    return ways_to_look(urls, folder, embedded, up=EmbeddedServers(folder).kept)


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
