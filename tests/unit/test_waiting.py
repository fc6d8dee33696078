"""What waits for room in a full queue: for as long as it takes, holding no message twice."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest
import structlog

from common.broker.waiting import LostError, Pressure, QueueFullError, retrying


class Copy:
    """What a library makes of a message on its way."""


class FullQueue:
    """Refuses a message ``refusals`` times, as RabbitMQ's client does, and keeps count."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.copies: list[weakref.ref[Copy]] = []

    async def take(self) -> None:
        """Take a message, or raise `QueueFullError` out of frames that hold a copy of it."""
        async for trial in retrying(LostError, seconds=1):
            with trial:
                await self._take_once()

    async def _take_once(self) -> None:
        copy = Copy()
        self.copies.append(weakref.ref(copy))
        answer = asyncio.get_running_loop().create_future()
        if self.refusals:
            self.refusals -= 1
            answer.set_exception(ValueError("nack"))
        else:
            answer.set_result(None)
        try:
            await answer
        except ValueError as error:
            raise QueueFullError("a queue is full") from error


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
async def test_a_refused_attempt_holds_no_message() -> None:
    queue = FullQueue(refusals=3)

    await Pressure(structlog.get_logger()).deliver(queue.take)

    assert len(queue.copies) == 4
    assert [copy() for copy in queue.copies] == [None] * 4
