"""The command that loads what the extractor sends into one database."""

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from common.broker import Broker, open_broker
from common.entities import LOAD_ORDER
from common.errors import TransientError
from common.service import report_errors, run_service
from common.store import Store, open_store
from config.settings import Settings, load_settings
from loaders import open_sink
from loaders.arguments import add_arguments
from loaders.batcher import Batcher, BatchPolicy
from loaders.heartbeat import Heartbeat
from loaders.lazy_json import choose_decoder
from loaders.loop import Loop
from loaders.run_rows import RunRows
from loaders.settling import Settler
from loaders.sink import Sink
from loaders.trials import Trials
from loaders.workers import keep_collecting, take_over_garbage, work
from loaders.writer import Writer

log = structlog.get_logger()

_FEWEST_RECORDS = 90
"""In a full message, which has 0.3 MB: of releases."""

_LEAST_PREFETCH = 36
_SPARE = 4  # messages, for the next batch


def run(
    arguments: argparse.Namespace, complete: Callable[[Settings], Settings] = lambda given: given
) -> int:
    """Load until a signal comes; return the exit code.  ``complete`` may fill in settings."""
    settings = complete(load_settings())
    sink = open_sink(settings.sink(arguments.sink))
    return run_service(
        f"loader-{arguments.sink}",
        settings,
        lambda: load(sink, settings),
        lifeline=arguments.lifeline,
    )


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


async def load(sink: Sink, settings: Settings) -> None:
    """Load what the queues hold until cancelled; raises `ServerError` when the sink is lost."""
    store = open_store(settings.server("store"))
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    try:
        with contextlib.suppress(TransientError):
            await store.check()
        await sink.open()
        await _load(sink, store, broker, settings)
    finally:
        await _close(settings.shutdown_seconds / 4, sink.close, broker.close, store.close)


async def _load(sink: Sink, store: Store, broker: Broker, settings: Settings) -> None:
    writer = Writer(sink, settings.retry_seconds)
    identity = await writer.retrying(sink.identity)
    run_rows = RunRows(sink.bookkeeping, writer)
    await run_rows.refresh()
    async with _subscribed(sink, broker, settings.linger) as batcher:
        decode = choose_decoder(compiled=settings.compiled)
        trials = Trials(sink.name, store, settings.delivery_limit)
        loop = Loop(sink, batcher, run_rows, writer, trials, decode)
        settler = Settler(sink, run_rows, writer)
        seconds = settings.summary_seconds
        heartbeat = Heartbeat(sink, identity, broker, store, batcher, run_rows, settler, seconds)
        log.info("loader_ready", sink=sink.name, sessions=sink.sessions)
        take_over_garbage()
        beside = (heartbeat.keep_beating(), keep_collecting())
        await work(loop, beside, batcher, sink.sessions, settings.shutdown_seconds)


@asynccontextmanager
async def _subscribed(sink: Sink, broker: Broker, linger: float) -> AsyncIterator[Batcher]:
    subscriptions = {
        entity: await broker.subscribe(sink.name, entity, _prefetch_of(sink))
        for entity in LOAD_ORDER
    }
    batcher = Batcher(subscriptions, BatchPolicy(sink.batch_size, linger))
    try:
        yield batcher
    finally:
        await batcher.close()


def _prefetch_of(sink: Sink) -> int:
    """Return how many messages of a queue a loader takes, those in hand included.

    With fewer than its sessions' batches, one would wait for the other's acknowledgement.
    """
    of_a_batch = sink.batch_size // _FEWEST_RECORDS + 1
    return max(_LEAST_PREFETCH, sink.sessions * of_a_batch + _SPARE)


async def _close(patience: float, *closes: Callable[[], Awaitable[None]]) -> None:
    """Close all at once: each waits for a server of its own, and that may not answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await asyncio.gather(*(close() for close in closes))
