"""The command that reads dumps and sends what changed to the broker."""

import argparse
import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog

from common.broker import open_broker
from common.dumps import Dump, find_dumps
from common.errors import TransientError
from common.outputs import text_of
from common.reports import SinkReport
from common.service import report_errors, run_service
from common.store import Store, open_store
from config.settings import Settings, load_settings
from extractor.arguments import add_arguments
from extractor.journal import note_run
from extractor.lease import keep_telling, leased, summary, tell
from extractor.parsing.pool import open_pool
from extractor.run import Run
from extractor.services import RunOptions, Services
from extractor.source import share_interpreter
from extractor.walkers import choose_walkers

log = structlog.get_logger()


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
        load_settings(allow_older=arguments.allow_older, allow_deletions=arguments.allow_deletions)
    )
    dumps = find_dumps(arguments.dumps, arguments.date)
    begin = asyncio.Event()
    if not at_word:
        begin.set()

    async def main() -> None:
        await _extract(dumps, settings, begin)

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


def options_of(settings: Settings) -> RunOptions:
    """Return what is set of how runs are made."""
    return RunOptions(
        sinks=settings.sinks,
        content=settings.content_options(*settings.sinks),
        data_folder=settings.data_folder,
        record_limit=settings.record_limit,
        group_bytes=settings.group_bytes,
        publish_window=settings.publish_window,
        compiled=settings.compiled,
        allow_older=settings.allow_older,
        allow_deletions=settings.allow_deletions,
    )


async def _extract(dumps: Sequence[Dump], settings: Settings, begin: asyncio.Event) -> None:
    """Read all dumps; raise the first error, with what was sent before it in the queues.

    Before ``begin`` is set nothing is looked at, sent or told.
    """
    share_interpreter()
    async with _opened(settings) as services:
        await begin.wait()
        await services.broker.declare(settings.sinks)
        # What was imported is not garbage, and was walked at every full collection.
        gc.freeze()
        gc.enable()
        for dump in dumps:
            await _extract_one(dump, services, settings.lease_seconds, settings.summary_seconds)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Services]:
    """Have parse processes, connect to store and broker; close them in reverse."""
    async with AsyncExitStack() as stack:
        walkers = choose_walkers(compiled=settings.compiled)
        opening = open_pool(settings.parse_processes, compiled=walkers is not None)
        pool = await stack.enter_async_context(opening)
        store = open_store(settings.server("store"))
        stack.push_async_callback(store.close)
        with suppress(TransientError):  # without it everything is sent
            await store.check()
        broker = open_broker(settings.server("broker"), settings.queue_bytes)
        stack.push_async_callback(broker.close)
        yield Services(broker, store, pool, options_of(settings))


async def _extract_one(
    dump: Dump, services: Services, lease_seconds: float, summary_seconds: float
) -> None:
    store = services.store
    async with leased(store, dump.entity, lease_seconds) as lease:
        # Only now: the run's id must be above that of one which has just ended.
        run = Run(dump, services, await _reports(store))
        log.info(
            "reading_begins",
            entity=dump.entity,
            file=text_of(dump.path),
            run=run.run_id,
            walker=services.pool.walker,
        )
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(keep_telling(run, lease, summary_seconds))
            progress = await run.run()
            telling.cancel()
        await tell(store, progress)
        note_run(services.options.data_folder, progress)
        log.info("reading_done", **summary(progress))


async def _reports(store: Store) -> dict[str, SinkReport]:
    try:
        return await store.reports()
    except TransientError as error:
        log.warning("store_lost", consequence="sending all", error=str(error))
        return {}
