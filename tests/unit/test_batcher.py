"""What a loader holds of a queue: from its delivery on, not only once it is handed out."""

import asyncio
from contextlib import suppress
from typing import Any

from common.broker import Delivery
from common.entities import LOAD_ORDER, Entity
from common.messages import Headers, Kind, Message
from loaders.batcher import Batch, Batcher, BatchPolicy

ARTIST, LABEL = Entity.ARTIST, Entity.LABEL
NEVER = 3600.0
DEADLINE = 10
TURNS = 20


class Queue:
    """Delivers what is put into it."""

    def __init__(self) -> None:
        self.ready = asyncio.Queue[Delivery]()
        self.taken = asyncio.Event()

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                found = await self.ready.get()
            if self.ready.empty():
                self.taken.set()
            return found
        return None

    async def close(self) -> None:
        """Have nothing to close."""


class EmptyQueue(Queue):
    """Says at once that there is nothing."""

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll
        del timeout
        await asyncio.sleep(0)
        return None


def delivery(kind: Kind = Kind.BATCH, attempt: int = 1) -> Delivery:
    return Delivery(Message(Headers(kind, ARTIST, 1, 20260101, 1), b"[]"), attempt, None)


def intake_of(*deliveries: Delivery) -> tuple[Batcher, Queue]:
    """Return a batcher that waits until a batch has two records, and the artists' queue."""
    queues = {entity: Queue() for entity in LOAD_ORDER}
    for one in deliveries:
        queues[ARTIST].ready.put_nowait(one)
    subscriptions: Any = queues
    return Batcher(subscriptions, BatchPolicy(2, NEVER)), queues[ARTIST]


async def next_of(batcher: Batcher) -> Batch:
    async with asyncio.timeout(DEADLINE):
        return await batcher.next_batch()


async def until_taken(queue: Queue) -> None:
    """Wait until the queue is empty and all who could go on have done so."""
    async with asyncio.timeout(DEADLINE):
        await queue.taken.wait()
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_a_batch_that_is_being_filled_is_held() -> None:
    batcher, queue = intake_of(delivery())
    assert not batcher.holds(ARTIST)
    taking = asyncio.create_task(next_of(batcher))
    await until_taken(queue)
    assert not taking.done()
    assert (batcher.holds(ARTIST), batcher.holds(LABEL)) == (True, False)
    queue.ready.put_nowait(delivery())
    batch = await taking
    assert batcher.holds(ARTIST)
    batcher.release(batch)
    assert not batcher.holds(ARTIST)
    await batcher.close()


async def test_what_no_batch_could_take_is_held() -> None:
    batcher, _ = intake_of(delivery(), delivery(Kind.RANGE))
    batcher.release(await next_of(batcher))
    assert batcher.holds(ARTIST), "the range is forgotten"
    batcher.release(await next_of(batcher))
    assert not batcher.holds(ARTIST)
    await batcher.close()


async def test_what_a_poll_has_brought_is_held() -> None:
    batcher, queue = intake_of(delivery(Kind.RANGE), delivery(Kind.RANGE))
    batcher.release(await next_of(batcher))
    await until_taken(queue)
    assert batcher.holds(ARTIST)
    batcher.release(await next_of(batcher))
    assert not batcher.holds(ARTIST)
    await batcher.close()


async def test_what_waits_to_be_tried_by_itself_is_held() -> None:
    batcher, queue = intake_of(delivery(Kind.RANGE), delivery(Kind.RANGE, attempt=2))
    first = await next_of(batcher)
    trying = asyncio.create_task(next_of(batcher))
    await until_taken(queue)
    assert not trying.done()
    batcher.release(first)
    assert batcher.holds(ARTIST), "it waits for what is in hand, and is in nobody's count"
    batcher.release(await trying)
    assert not batcher.holds(ARTIST)
    await batcher.close()


async def test_a_poll_that_brought_nothing_holds_nothing() -> None:
    subscriptions: Any = {entity: EmptyQueue() for entity in LOAD_ORDER}
    batcher = Batcher(subscriptions, BatchPolicy(2, NEVER))
    taking = asyncio.create_task(next_of(batcher))
    for _ in range(TURNS):
        await asyncio.sleep(0)
        assert not any(map(batcher.holds, LOAD_ORDER))
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await batcher.close()
