"""A broker in memory: at least once, redelivery, a bound in bytes."""

import asyncio
import sys
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from common.broker.dead_letters import DeadLetter
from common.broker.protocol import Delivery, Subscription
from common.broker.waiting import TooLargeError
from common.entities import Entity
from common.errors import ServerError, TerminalError
from common.messages import Headers, Message

QueueName = tuple[str, Entity]


@dataclass(eq=False)
class Stored:
    """A message in a queue; its headers as they travel, so that a test can spoil them."""

    fields: dict[str, str]
    body: bytes
    attempt: int = 0


@dataclass(frozen=True)
class Dead:
    """A message in the dead letters, and the queue it came from."""

    stored: Stored
    entity: Entity
    reason: str


@dataclass(eq=False)
class MemoryQueue:
    """Messages that wait, and those delivered to a subscription and not settled."""

    waiting: deque[Stored] = field(default_factory=deque)
    unsettled: dict[Stored, "MemorySubscription"] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(len(stored.body) for stored in (*self.waiting, *self.unsettled))


class MemoryServer:
    """What outlives the processes: queues, bindings and dead letters.

    It takes no message of more than ``most`` bytes.
    ``changed`` is notified whenever a message comes, goes or is given back.
    """

    def __init__(self, queue_bytes: int = 256_000_000) -> None:
        self.queue_bytes = queue_bytes
        self.most = sys.maxsize
        self.queues: dict[QueueName, MemoryQueue] = {}
        self.bound: set[str] = set()
        self.dead: dict[str, dict[str, Dead]] = {}
        self._keys = count(1)
        self.changed = asyncio.Condition()

    def queue(self, sink: str, entity: Entity) -> MemoryQueue:
        """Return a queue, made when it is not there."""
        return self.queues.setdefault((sink, entity), MemoryQueue())

    async def add(self, fields: dict[str, str], body: bytes, entity: Entity) -> None:
        """Put a copy into the queue of every bound sink, each when it has room."""
        if not self.bound:
            raise ServerError("no sink's queue takes the message")
        for sink in sorted(self.bound):
            queue = self.queue(sink, entity)
            async with self.changed:
                await self.changed.wait_for(partial(self._has_room, queue))
                queue.waiting.append(Stored(fields, body))
                self.changed.notify_all()

    def _has_room(self, queue: MemoryQueue) -> bool:
        return queue.size < self.queue_bytes

    def bury(self, sink: str, dead: Dead) -> None:
        """Put a message into the dead letters."""
        self.dead.setdefault(sink, {})[str(next(self._keys))] = dead


class MemoryBroker:
    """One process's connection to a `MemoryServer`."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._subscriptions: list[MemorySubscription] = []

    async def declare(self, sinks: Collection[str]) -> None:
        """Make and bind the queues of these sinks and of no other."""
        self._server.bound = set(sinks)
        for sink in sinks:
            for entity in Entity:
                self._server.queue(sink, entity)

    async def publish(self, message: Message) -> None:
        """Return when every bound queue has the message."""
        headers = message.headers
        if len(message.body) > self._server.most:
            raise TooLargeError(len(message.body), self._server.most)
        await self._server.add(headers.encode(), message.body, headers.entity)

    async def subscribe(self, sink: str, entity: Entity, prefetch: int) -> Subscription:
        """Start consuming a queue."""
        subscription = MemorySubscription(self._server, sink, entity, prefetch)
        self._subscriptions.append(subscription)
        return subscription

    async def depth(self, sink: str, entity: Entity) -> int:
        """Return how many messages a queue holds, unsettled ones included."""
        queue = self._server.queue(sink, entity)
        return len(queue.waiting) + len(queue.unsettled)

    async def dead_letters(self, sink: str) -> int:
        """Return how many messages of this sink are in the dead letters."""
        return len(self._server.dead.get(sink, ()))

    async def list_dead_letters(self, sink: str, limit: int) -> list[DeadLetter]:
        """Return up to ``limit`` dead letters."""
        found = list(self._server.dead.get(sink, {}).items())[:limit]
        return [_letter(key, dead) for key, dead in found]

    async def replay_dead_letters(self, sink: str, keys: Collection[str]) -> None:
        """Put dead letters back at the end of their queues."""
        async with self._server.changed:
            for key in keys:
                if dead := self._server.dead.get(sink, {}).pop(key, None):
                    queue = self._server.queue(sink, dead.entity)
                    queue.waiting.append(Stored(dead.stored.fields, dead.stored.body))
            self._server.changed.notify_all()

    async def close(self) -> None:
        """Close the subscriptions."""
        for subscription in self._subscriptions:
            await subscription.close()


class MemorySubscription:
    """One consumer of one queue."""

    def __init__(self, server: MemoryServer, sink: str, entity: Entity, prefetch: int) -> None:
        self._server = server
        self._sink = sink
        self._entity = entity
        self._queue = server.queue(sink, entity)
        self._prefetch = prefetch

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll
        """Return the next message, or None when none came in time."""
        try:
            async with asyncio.timeout(timeout), self._server.changed:
                while True:
                    await self._server.changed.wait_for(self._may_take)
                    if delivery := self._take():
                        return delivery
        except TimeoutError:
            return None

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle messages; those given back meanwhile come again."""
        async with self._server.changed:
            for delivery in deliveries:
                self._settle(_stored(delivery))
            self._server.changed.notify_all()

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Move a message to the dead letters."""
        async with self._server.changed:
            self._bury(_stored(delivery), reason)
            self._settle(_stored(delivery))
            self._server.changed.notify_all()

    async def close(self) -> None:
        """Give back what is not settled."""
        async with self._server.changed:
            mine = [stored for stored, owner in self._queue.unsettled.items() if owner is self]
            for stored in reversed(mine):
                self._settle(stored)
                self._give_back(stored)
            self._server.changed.notify_all()

    def _may_take(self) -> bool:
        held = sum(owner is self for owner in self._queue.unsettled.values())
        return bool(self._queue.waiting) and held < self._prefetch

    def _take(self) -> Delivery | None:
        stored = self._queue.waiting.popleft()
        stored.attempt += 1
        try:
            headers = Headers.decode(stored.fields)
        except TerminalError as error:
            self._bury(stored, str(error))
            return None
        self._queue.unsettled[stored] = self
        return Delivery(Message(headers, stored.body), stored.attempt, stored)

    def _bury(self, stored: Stored, reason: str) -> None:
        self._server.bury(self._sink, Dead(stored, self._entity, reason))

    def _settle(self, stored: Stored) -> None:
        if self._queue.unsettled.get(stored) is self:
            del self._queue.unsettled[stored]

    def _give_back(self, stored: Stored) -> None:
        self._queue.waiting.appendleft(stored)


def _stored(delivery: Delivery) -> Stored:
    assert isinstance(delivery.token, Stored)
    return delivery.token


def _letter(key: str, dead: Dead) -> DeadLetter:
    stored = dead.stored
    return DeadLetter(key, dead.entity, stored.fields, stored.body, dead.reason, stored.attempt)
