"""What the extractor and the loaders ask of a broker."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.broker.dead_letters import DeadLetter
from common.entities import Entity
from common.messages import Message


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message handed to a consumer, to be acknowledged or rejected through its subscription.

    ``attempt`` counts deliveries from 1, those to consumers that ended with it among others
    included: what it says is that the message has come before.  ``token`` belongs to the broker
    that made it.
    """

    message: Message
    attempt: int
    token: object


class Subscription(Protocol):
    """One consumer of one sink's queue for one entity.

    However often a message is delivered and not settled, it comes again: whether it is bad is not
    for the broker to say, which counts what an outage of the sink brings back as well.
    """

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll, not a deadline
        """Return the next message, or None when none came within ``timeout`` seconds.

        A message whose headers cannot be read goes to the dead letters, never to the caller.
        Connection loss is mended inside; raises `TransientError` when that takes too long.
        """

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle messages whose content is committed.

        One that cannot be settled (its connection is gone) comes again: that is no error.
        """

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Send a message to the dead letters, with the reason."""

    async def close(self) -> None:
        """Take no more; what is not settled comes again, to somebody else."""


class Broker(Protocol):
    """Durable queues: one per sink and entity, each holding a copy of every message."""

    async def declare(self, sinks: Collection[str]) -> None:
        """Make the queues of these sinks, and retire the queues of any other sink.

        Raises `ServerError` when a queue exists with other arguments.
        """

    async def publish(self, message: Message) -> None:
        """Return when every sink's queue has the message durably.

        Waits while a queue is full (back-pressure).  An unroutable message raises
        `ServerError`, an outcome that stays unknown `TransientError`: publish it again.  One that
        the server will never take for its size raises `TooLargeError`, and no queue has it.
        """

    async def subscribe(self, sink: str, entity: Entity, prefetch: int) -> Subscription:
        """Start consuming a queue, at most ``prefetch`` messages unsettled at a time.

        Declares the queue when it is not there yet: a loader may start before any extractor.
        """

    async def depth(self, sink: str, entity: Entity) -> int:
        """Return how many messages wait in a queue, delivered and unsettled ones included
        where the broker can tell."""

    async def dead_letters(self, sink: str) -> int:
        """Return how many messages of this sink are in the dead letters."""

    async def list_dead_letters(self, sink: str, limit: int) -> list[DeadLetter]:
        """Return up to ``limit`` dead letters of this sink, which stay where they are."""

    async def replay_dead_letters(self, sink: str, keys: Collection[str]) -> None:
        """Put dead letters back into the queues they came from, then remove them.

        Killed in between, one is in both places; one that is not there any more, or of which
        nobody knows where it came from, is left out.  Raises `TransientError` when a queue
        stays full.
        """

    async def close(self) -> None:
        """Close every connection, within seconds."""
