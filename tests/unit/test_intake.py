"""What a loader holds of a queue: from its delivery on, not only once it is handed out."""

import asyncio
from contextlib import suppress
from typing import Any

from common.broker import Delivery
from common.entities import LOAD_ORDER, Entity
from common.messages import Headers, Kind, Message
from loaders.batcher import Batch, BatchPolicy, Intake

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


def intake_of(*deliveries: Delivery) -> tuple[Intake, Queue]:
    """Return an intake that waits until a batch has two records, and the artists' queue."""
    queues = {entity: Queue() for entity in LOAD_ORDER}
    for one in deliveries:
        queues[ARTIST].ready.put_nowait(one)
    subscriptions: Any = queues
    return Intake(subscriptions, BatchPolicy(2, NEVER)), queues[ARTIST]


async def next_of(intake: Intake) -> Batch:
    async with asyncio.timeout(DEADLINE):
        return await intake.next_batch()


async def until_taken(queue: Queue) -> None:
    """Wait until the queue is empty and all who could go on have done so."""
    async with asyncio.timeout(DEADLINE):
        await queue.taken.wait()
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_a_batch_that_is_being_filled_is_held() -> None:
    intake, queue = intake_of(delivery())
    assert not intake.holds(ARTIST)
    taking = asyncio.create_task(next_of(intake))
    await until_taken(queue)
    assert not taking.done()
    assert (intake.holds(ARTIST), intake.holds(LABEL)) == (True, False)
    queue.ready.put_nowait(delivery())
    batch = await taking
    assert intake.holds(ARTIST)
    intake.release(batch)
    assert not intake.holds(ARTIST)
    await intake.close()


async def test_what_no_batch_could_take_is_held() -> None:
    intake, _ = intake_of(delivery(), delivery(Kind.RANGE))
    intake.release(await next_of(intake))
    assert intake.holds(ARTIST), "the range is forgotten"
    intake.release(await next_of(intake))
    assert not intake.holds(ARTIST)
    await intake.close()


async def test_what_a_poll_has_brought_is_held() -> None:
    intake, queue = intake_of(delivery(Kind.RANGE), delivery(Kind.RANGE))
    intake.release(await next_of(intake))
    await until_taken(queue)
    assert intake.holds(ARTIST)
    intake.release(await next_of(intake))
    assert not intake.holds(ARTIST)
    await intake.close()


async def test_what_waits_to_be_tried_by_itself_is_held() -> None:
    intake, queue = intake_of(delivery(Kind.RANGE), delivery(Kind.RANGE, attempt=2))
    first = await next_of(intake)
    trying = asyncio.create_task(next_of(intake))
    await until_taken(queue)
    assert not trying.done()
    intake.release(first)
    assert intake.holds(ARTIST), "it waits for what is in hand, and is in nobody's count"
    intake.release(await trying)
    assert not intake.holds(ARTIST)
    await intake.close()


async def test_a_poll_that_brought_nothing_holds_nothing() -> None:
    subscriptions: Any = {entity: EmptyQueue() for entity in LOAD_ORDER}
    intake = Intake(subscriptions, BatchPolicy(2, NEVER))
    taking = asyncio.create_task(next_of(intake))
    for _ in range(TURNS):
        await asyncio.sleep(0)
        assert not any(map(intake.holds, LOAD_ORDER))
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await intake.close()
