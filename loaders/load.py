"""Runs one sink's loader from its connection to its ordered end."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager

import structlog

from common.broker import Broker, open_broker
from common.entities import LOAD_ORDER
from common.errors import TransientError
from common.store import open_store
from config.settings import Settings
from loaders.batcher import Batcher, BatchPolicy
from loaders.heartbeat import Heartbeat
from loaders.lazy_json import choose_decoder
from loaders.loop import Loop
from loaders.run_rows import RunRows
from loaders.settling import Settler
from loaders.sink import Sink
from loaders.trials import Trials
from loaders.writer import Writer

log = structlog.get_logger()

_CANCEL_AGAIN = 0.5  # s

COLLECT_SECONDS = 5.0
"""Beats leave cycles too, of tenacity's and the drivers': some 150 kB a second on RabbitMQ."""

_FEWEST_RECORDS = 90
"""In a full message, which has 0.3 MB: of releases."""

_LEAST_PREFETCH = 36
_SPARE = 4  # messages, for the next batch


async def load(sink: Sink, settings: Settings) -> None:
    """Load what the queues hold until cancelled; raises `ServerError` when the sink is lost."""
    store = open_store(settings)
    broker = await open_broker(settings)
    try:
        with contextlib.suppress(TransientError):
            await store.check()
        await sink.open()
        writer = Writer(sink, settings.retry_seconds)
        identity = await writer.retrying(sink.identity)
        run_rows = RunRows(sink.bookkeeping, writer)
        await run_rows.refresh()
        async with _open_batcher(sink, broker, settings) as batcher:
            decode = choose_decoder(compiled=settings.compiled)
            trials = Trials(sink.name, store, settings.delivery_limit)
            loop = Loop(sink, batcher, run_rows, writer, trials, decode)
            settler = Settler(sink, run_rows, writer)
            heartbeat = Heartbeat(
                sink, identity, broker, store, batcher, run_rows, settler, settings
            )
            log.info("loader_ready", sink=sink.name, sessions=sink.sessions)
            take_over_garbage()
            beside = (heartbeat.keep_beating(), keep_collecting())
            await work(loop, beside, batcher, sink.sessions, settings.shutdown_seconds)
    finally:
        await _close(settings.shutdown_seconds / 4, sink.close, broker.close, store.close)


@asynccontextmanager
async def _open_batcher(sink: Sink, broker: Broker, settings: Settings) -> AsyncIterator[Batcher]:
    subscriptions = {
        entity: await broker.subscribe(sink.name, entity, _prefetch_of(sink))
        for entity in LOAD_ORDER
    }
    batcher = Batcher(subscriptions, BatchPolicy(sink.batch_size, settings.linger))
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


async def work(
    loop: Loop,
    upkeep: Iterable[Coroutine[None, None, None]],
    batcher: Batcher,
    sessions: int,
    patience: float,
) -> None:
    """Run the workers, and beside them the ``upkeep``, which goes by time and not by work.

    When told to stop, give the batches in hand some of ``patience`` (s) to be settled.
    """
    beside = [asyncio.create_task(one) for one in upkeep]
    workers = [asyncio.create_task(loop.work()) for _ in range(sessions)]
    try:
        await _first_failure([*beside, *workers])
    finally:
        loop.stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience / 2):
                await batcher.drained()
        await _end([*beside, *workers], patience / 4)


def take_over_garbage() -> None:
    """Leave what was made at start to itself, and the rest to collections of ours.

    Left to itself, the collector walks every batch's rows.

    Not collected first: what is garbage by then is little, and looking for it takes longer than
    to connect.
    """
    gc.freeze()
    gc.disable()


async def keep_collecting(seconds: float = COLLECT_SECONDS) -> None:
    """Collect by time until cancelled: a loader without work leaves garbage as well."""
    while True:
        await asyncio.sleep(seconds)
        gc.collect()


async def _end(tasks: Iterable["asyncio.Task[None]"], patience: float) -> None:
    """Cancel tasks until they end: a driver that cleans up may swallow a cancellation."""
    pending = set(tasks)
    for _ in range(max(1, round(patience / _CANCEL_AGAIN))):
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN)
        if not pending:
            return
    log.warning("tasks_left_behind", count=len(pending))


async def _close(patience: float, *closes: Callable[[], Awaitable[None]]) -> None:
    """Close all at once: each waits for a server of its own, and that may not answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await asyncio.gather(*(close() for close in closes))


async def _first_failure(tasks: Iterable["asyncio.Task[None]"]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()
