"""Collects what the queues of a sink deliver into batches of one entity and one run."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.broker import Delivery, Subscription
from common.entities import LOAD_ORDER, Entity
from common.messages import Kind

_POLL = 1.0  # s


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries to be loaded together and settled together."""

    entity: Entity
    deliveries: Sequence[Delivery]

    @property
    def is_trial(self) -> bool:
        """Tell whether this is a message that has come before, which is tried by itself."""
        return _is_suspect(self.deliveries[0])


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """A batch is full at ``count`` records, or ``period`` seconds after its first message."""

    count: int
    period: float


class Batcher:
    """Takes from all queues, the earlier entity first: references then point to what is there.

    Each queue has one poll under way at all times; a poll is never cancelled but at the end,
    so no delivery is lost in between.  ``range_done`` is set whenever a range has been loaded.

    What comes again may have ended the loader that had it before: it is handed out by itself,
    while nothing else is in hand.

    ``in_hand`` counts what was handed out; `holds` tells of what is still being gathered as well.
    """

    def __init__(self, subscriptions: Mapping[Entity, Subscription], policy: BatchPolicy) -> None:
        self._subscriptions = subscriptions
        self._policy = policy
        self._polls: dict[Entity, asyncio.Task[Delivery | None]] = {}
        self._put_back: dict[Entity, Delivery] = {}
        self._gathering: Entity | None = None
        self._turn = asyncio.Lock()
        self._drained = asyncio.Event()
        self._drained.set()
        self._no_trial = asyncio.Event()
        self._no_trial.set()
        self.in_hand = dict.fromkeys(LOAD_ORDER, 0)
        self.range_done = asyncio.Event()

    async def next_batch(self) -> Batch:
        """Wait for the next batch."""
        async with self._turn:
            await self._no_trial.wait()
            while True:
                for entity in LOAD_ORDER:
                    if delivery := self._take(entity):
                        return await self._gathered(entity, delivery)
                await _first_of(self._polls.values())

    def holds(self, entity: Entity) -> bool:
        """Tell whether anything that a queue has delivered is not settled yet.

        A broker may no longer count it among the messages that wait.
        """
        if self.in_hand[entity] or self._gathering is entity or entity in self._put_back:
            return True
        poll = self._polls.get(entity)
        if poll is None or not poll.done() or poll.cancelled() or poll.exception():
            return False
        return poll.result() is not None

    async def settle(self, batch: Batch) -> None:
        """Acknowledge a batch whose content is committed."""
        await self._subscriptions[batch.entity].ack(batch.deliveries)

    async def reject(self, batch: Batch, delivery: Delivery, reason: str) -> None:
        """Send a message to the dead letters."""
        await self._subscriptions[batch.entity].reject(delivery, reason)

    def release(self, batch: Batch) -> None:
        """Count a batch as no longer in hand, settled or not."""
        self.in_hand[batch.entity] -= len(batch.deliveries)
        if batch.is_trial:
            self._no_trial.set()
        if not any(self.in_hand.values()):
            self._drained.set()
        if batch.deliveries[0].message.headers.kind is Kind.RANGE:
            self.range_done.set()

    async def drained(self) -> None:
        """Wait until nothing is in hand."""
        await self._drained.wait()

    async def close(self) -> None:
        """Stop the polls; what they hold comes again."""
        for poll in self._polls.values():
            poll.cancel()
        if self._polls:
            await asyncio.wait(self._polls.values())
        await asyncio.gather(*(one.close() for one in self._subscriptions.values()))

    async def _gathered(self, entity: Entity, first: Delivery) -> Batch:
        self._gathering = entity
        try:
            return self._taken(await self._batch(entity, first))
        finally:
            self._gathering = None

    async def _batch(self, entity: Entity, first: Delivery) -> Batch:
        if not _is_suspect(first):
            return await self._fill(entity, first)
        await self._drained.wait()
        self._no_trial.clear()
        return Batch(entity, [first])

    def _taken(self, batch: Batch) -> Batch:
        self.in_hand[batch.entity] += len(batch.deliveries)
        self._drained.clear()
        return batch

    async def _fill(self, entity: Entity, first: Delivery) -> Batch:
        deliveries = [first]
        headers = first.message.headers
        count = headers.count
        deadline = asyncio.get_running_loop().time() + self._policy.period
        while headers.kind is Kind.BATCH and count < self._policy.count:
            delivery = await self._take_before(entity, deadline)
            if delivery is None:
                break
            other = delivery.message.headers
            if _is_suspect(delivery) or (other.kind, other.run) != (headers.kind, headers.run):
                self._put_back[entity] = delivery
                break
            deliveries.append(delivery)
            count += other.count
        return Batch(entity, deliveries)

    def _take(self, entity: Entity) -> Delivery | None:
        """Return what this queue's poll has brought, and start the next one."""
        if delivery := self._put_back.pop(entity, None):
            return delivery
        poll = self._polls.get(entity)
        if poll is not None and not poll.done():
            return None
        self._polls[entity] = asyncio.create_task(self._subscriptions[entity].receive(_POLL))
        return poll.result() if poll else None

    async def _take_before(self, entity: Entity, deadline: float) -> Delivery | None:
        while (delivery := self._take(entity)) is None:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or not await _first_of([self._polls[entity]], left):
                return None
        return delivery


def _is_suspect(delivery: Delivery) -> bool:
    return delivery.attempt > 1


async def _first_of(
    polls: "Iterable[asyncio.Task[Delivery | None]]", seconds: float | None = None
) -> bool:
    done, _ = await asyncio.wait(polls, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)
