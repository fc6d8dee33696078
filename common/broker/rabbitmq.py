"""The broker on RabbitMQ, by aio-pika.

Publisher confirms, never transactions; a message is persistent, mandatory and has an id that is
unique per attempt (a repeated one in flight can turn an unroutable message into a confirm).
"""

import asyncio
import sys
from collections.abc import Collection, Mapping
from functools import partial
from uuid import uuid4

import structlog
from aio_pika import DeliveryMode
from aio_pika import Message as AmqpMessage
from aio_pika.abc import AbstractChannel

from common import faultpoints
from common.broker.dead_letters import DeadLetter
from common.broker.protocol import Subscription
from common.broker.rabbitmq_dead import DeadLetters
from common.broker.rabbitmq_errors import MissingError
from common.broker.rabbitmq_link import Link
from common.broker.rabbitmq_renewal import declared
from common.broker.rabbitmq_subscription import RabbitSubscription
from common.broker.rabbitmq_topology import STRAIGHT, Topology, key_for_all, key_for_one
from common.broker.waiting import LostError, Pressure, QueueFullError, TooLargeError
from common.entities import Entity
from common.errors import ServerError
from common.messages import Message
from config.servers import ServerAccess

log = structlog.get_logger()


class RabbitBroker:
    """Queues on RabbitMQ: one connection to publish, one to consume, each opened on first use."""

    def __init__(self, server: ServerAccess, queue_bytes: int) -> None:
        self._publishing = Link(server, "publisher")
        self._consuming = Link(server, "consumer")
        self._counting = _Counting(self._consuming)
        self._publisher: AbstractChannel | None = None
        self._publisher_lock = asyncio.Lock()
        self._pressure = Pressure(log.bind(broker=self._publishing.shown))
        self._topology = Topology(server.namespace, queue_bytes)
        self._sinks: tuple[str, ...] | None = None
        self._one_by_one: set[Entity] = set()
        self._most = sys.maxsize
        self._dead = DeadLetters(self._consuming, self._put_back, self._topology)

    async def declare(self, sinks: Collection[str]) -> None:
        """Make the queues of these sinks and unbind the others; see `Broker.declare`."""
        self._sinks = tuple(sorted(set(sinks)))
        async for trial in self._publishing.retrying():
            with trial:
                await self._drop_publisher(self._publisher)
                await self._publisher_channel()

    async def publish(self, message: Message) -> None:
        """Return when every sink's queue has confirmed the message; see `Broker.publish`.

        Normally one publish reaches all queues.  A full queue refuses it for all, though the
        others have taken their copy; so once a queue of an entity was full, its messages go to
        each queue by itself, which costs bandwidth the publisher is not using then.
        """
        if not self._sinks:
            raise ServerError(f"no queue on {self._publishing.where} was declared for any sink")
        entity = message.headers.entity
        everyone = key_for_all(entity)
        if entity not in self._one_by_one:
            try:
                return await self._send_records(everyone, message)
            except QueueFullError:
                self._one_by_one.add(entity)
        for key in (key_for_one(sink, entity) for sink in self._sinks):
            await self._pressure.deliver(partial(self._send_records, key, message))
        return None

    async def subscribe(self, sink: str, entity: Entity, prefetch: int) -> Subscription:
        """Start consuming a queue; see `Broker.subscribe`."""
        subscription = RabbitSubscription(
            self._consuming, self._topology, self._bury, sink, entity, prefetch
        )
        await subscription.open()
        return subscription

    async def depth(self, sink: str, entity: Entity) -> int:
        """Return how many messages are ready; RabbitMQ does not count the delivered ones here."""
        return await self._count(self._topology.queue(sink, entity))

    async def dead_letters(self, sink: str) -> int:
        """Return how many messages of this sink are in the dead letters."""
        return await self._count(self._topology.dead_queue(sink))

    async def list_dead_letters(self, sink: str, limit: int) -> list[DeadLetter]:
        """Return up to ``limit`` dead letters of this sink; see `Broker.list_dead_letters`."""
        return await self._dead.look(sink, limit)

    async def replay_dead_letters(self, sink: str, keys: Collection[str]) -> None:
        """Put dead letters back, then remove them; see `Broker.replay_dead_letters`."""
        await self._dead.replay(sink, keys)

    async def close(self) -> None:
        """Close both connections; what is not settled stays in the queues."""
        await asyncio.gather(self._publishing.close(), self._consuming.close())

    async def _bury(self, sink: str, body: bytes, headers: dict[str, str]) -> None:
        """Put a copy into the dead letters, confirmed.

        A nack would let the queue dead-letter the message by itself, but could not carry the
        reason; a crash before the acknowledgement leaves a second copy, which harms nobody.
        """
        await self._send_patiently(self._topology.dead, sink, body, headers)

    async def _put_back(self, queue: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Put a message straight into a queue, bound or not."""
        await self._send_patiently(STRAIGHT, queue, body, headers)

    async def _send_patiently(
        self, exchange: str, key: str, body: bytes, headers: Mapping[str, str]
    ) -> None:
        """Publish, waiting a while for room."""
        async for trial in self._publishing.retrying(QueueFullError):
            with trial:
                await self._send(exchange, key, body, headers)

    async def _send_records(self, key: str, message: Message) -> None:
        faultpoints.passing("broker.publishing")
        await self._send(self._topology.records, key, message.body, message.headers.encode())
        faultpoints.passing("broker.confirmed")

    async def _send(self, exchange: str, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Publish until the outcome is known: an unknown one is published again."""
        async for trial in self._publishing.retrying():
            with trial:
                await self._send_once(exchange, key, body, headers)

    async def _send_once(
        self, exchange: str, key: str, body: bytes, headers: Mapping[str, str]
    ) -> None:
        self._check_size(body)
        channel = await self._publisher_channel()
        try:
            async with self._publishing.guard(about=key):
                target = await channel.get_exchange(exchange, ensure=False)
                await target.publish(_amqp_message(body, headers), routing_key=key, mandatory=True)
        except TooLargeError as error:
            self._most = error.most
            self._check_size(body)
            # Another one's size has closed the channel that this one was on its way by.
            raise LostError(str(error)) from error
        except LostError as error:
            blocked = await self._publishing.is_blocked()
            await self._drop_publisher(channel)
            if blocked:
                where = self._publishing.where
                raise QueueFullError(f"{where} has an alarm, for memory or disk") from error
            raise

    def _check_size(self, body: bytes) -> None:
        """Raise `TooLargeError` for what the server has said that it does not take.

        It closes the channel as it says so: not to be asked again for each message.
        """
        if len(body) > self._most:
            raise TooLargeError(len(body), self._most)

    async def _publisher_channel(self) -> AbstractChannel:
        async with self._publisher_lock:
            if self._publisher is None or self._publisher.is_closed:
                self._publisher = await self._open_publisher()
            return self._publisher

    async def _open_publisher(self) -> AbstractChannel:
        """Open a channel, and make the queues again: a server may come back without them."""
        sinks = self._sinks
        if sinks is None:
            return await self._publishing.channel()
        return await declared(
            self._publishing, lambda channel: self._topology.declare(channel, sinks)
        )

    async def _drop_publisher(self, channel: AbstractChannel | None) -> None:
        if channel is not None and self._publisher is channel:
            self._publisher = None
            await self._publishing.drop()

    async def _count(self, queue: str) -> int:
        async for trial in self._publishing.retrying():
            with trial:
                return await self._counting.ready(queue)
        raise AssertionError("tenacity returns or raises")


class _Counting:
    """Asks for the sizes of queues.

    Loaders ask four times a second: with a channel for each question they grew by 50 MB an hour,
    of what the libraries keep of channels that are closed.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel: AbstractChannel | None = None

    async def ready(self, name: str) -> int:
        """Return how many messages are ready, 0 where there is no such queue.

        Raises `LostError`.  A channel whose answer has not come is not asked again.
        """
        channel, self._channel = self._channel, None
        if channel is None or channel.is_closed:
            channel = await self._link.channel()
        try:
            async with self._link.guard():
                inner = await channel.get_underlay_channel()
                found = await inner.queue_declare(name, passive=True)
        except MissingError:
            return 0
        self._channel = channel
        return found.message_count or 0


def _amqp_message(body: bytes, headers: Mapping[str, str]) -> AmqpMessage:
    return AmqpMessage(
        body,
        headers=dict(headers),
        message_id=uuid4().hex,
        delivery_mode=DeliveryMode.PERSISTENT,
        content_type="application/json",
    )
