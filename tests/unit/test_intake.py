"""What a loader holds of a queue: from its delivery on, not only once it is handed out."""

import asyncio
from collections import deque
from typing import Any

from common.broker import Delivery
from common.entities import LOAD_ORDER, Entity
from common.messages import Headers, Kind, Message
from loaders.intake import Batch, BatchPolicy, Intake

ARTIST, LABEL = Entity.ARTIST, Entity.LABEL
LINGER = 0.2
DEADLINE = 10


class Queue:
    """Delivers what is put into it, and then nothing."""

    def __init__(self) -> None:
        self.ready = deque[Delivery]()
        self.taken = asyncio.Event()

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll
        if self.ready:
            found = self.ready.popleft()
            if not self.ready:
                self.taken.set()
            return found
        await asyncio.sleep(timeout)
        return None

    async def close(self) -> None:
        """Have nothing to close."""


def delivery(kind: Kind = Kind.BATCH, attempt: int = 1) -> Delivery:
    return Delivery(Message(Headers(kind, ARTIST, 1, 20260101, 1), b"[]"), attempt, None)


def intake_of(*deliveries: Delivery) -> tuple[Intake, Queue]:
    queues = {entity: Queue() for entity in LOAD_ORDER}
    queues[ARTIST].ready.extend(deliveries)
    subscriptions: Any = queues
    return Intake(subscriptions, BatchPolicy(100, LINGER)), queues[ARTIST]


async def next_of(intake: Intake) -> Batch:
    async with asyncio.timeout(DEADLINE):
        return await intake.next_batch()


async def until_taken(queue: Queue) -> None:
    async with asyncio.timeout(DEADLINE):
        await queue.taken.wait()


async def test_a_batch_that_is_being_filled_is_held() -> None:
    intake, queue = intake_of(delivery())
    assert not intake.holds(ARTIST)
    taking = asyncio.create_task(next_of(intake))
    await until_taken(queue)
    await asyncio.sleep(LINGER / 2)
    assert not taking.done()
    assert (intake.holds(ARTIST), intake.holds(LABEL)) == (True, False)
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
    await asyncio.sleep(0)
    assert intake.holds(ARTIST)
    intake.release(await next_of(intake))
    assert not intake.holds(ARTIST)
    await intake.close()


async def test_what_waits_to_be_tried_by_itself_is_held() -> None:
    intake, _ = intake_of(delivery(Kind.RANGE), delivery(Kind.RANGE, attempt=2))
    first = await next_of(intake)
    trying = asyncio.create_task(next_of(intake))
    await asyncio.sleep(LINGER / 2)
    assert not trying.done()
    intake.release(first)
    assert intake.holds(ARTIST), "it waits for what is in hand, and is in nobody's count"
    intake.release(await trying)
    assert not intake.holds(ARTIST)
    await intake.close()


async def test_an_idle_queue_is_not_held_once_its_polls_end() -> None:
    intake, _ = intake_of()
    taking = asyncio.create_task(next_of(intake))
    await asyncio.sleep(LINGER)
    assert not any(map(intake.holds, LOAD_ORDER))
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await intake.close()
