"""The workers of a loader, and what goes on beside them, from their start to an ordered end."""

import asyncio
import contextlib
import gc
from collections.abc import Coroutine, Iterable

import structlog

from loaders.batcher import Batcher
from loaders.loop import Loop

log = structlog.get_logger()

_CANCEL_AGAIN = 0.5  # s

COLLECT_SECONDS = 5.0
"""Beats leave cycles too, of tenacity's and the drivers': some 150 kB a second on RabbitMQ."""


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


async def _first_failure(tasks: Iterable["asyncio.Task[None]"]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()
