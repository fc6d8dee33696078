"""The brokers under the contract: each rig gives connections, and can spoil a message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from operator import le
from typing import Any, Protocol

import aio_pika
import pytest
from redis.asyncio import Redis
from tenacity import AsyncRetrying, retry_if_not_result, stop_after_delay, wait_fixed

from common.broker import Broker, Delivery, Subscription
from common.broker import rabbitmq_topology as topology
from common.broker.rabbitmq import RabbitBroker
from common.broker.streams import StreamsBroker
from common.broker.streams_queue import Names
from common.entities import Entity
from common.messages import Headers, Kind, Message
from config.settings import Settings, load_settings
from tests.fakes.broker import MemoryBroker, MemoryServer, Stored

QUEUE_BYTES = 1_000_000
SINKS = ("postgres", "neo4j")
CLAIM_AFTER = 1.0
PATIENCE = 20.0


class Rig(Protocol):
    """A server, and as many programs connected to it as a test wants."""

    def connect(self) -> Broker:
        """Return one program's broker."""

    async def spoil(self, sink: str, entity: Entity) -> None:
        """Put a message with headers that nobody can read into a queue."""


def contract_settings(url: str, **changes: Any) -> Settings:
    """Return settings with a small queue and short deadlines."""
    limits = {"queue_bytes": QUEUE_BYTES}
    deadlines = {"broker_timeout": 10, "connect_timeout": 5, "retry_seconds": 20}
    return load_settings(broker_url=url, **{**limits, **deadlines, **changes})


class MemoryRig:
    """The fake."""

    def __init__(self) -> None:
        self.server = MemoryServer(QUEUE_BYTES)

    def connect(self) -> Broker:
        """Return one program's broker."""
        return MemoryBroker(self.server)

    async def spoil(self, sink: str, entity: Entity) -> None:
        """Put a message with headers that nobody can read into a queue."""
        async with self.server.changed:
            self.server.queue(sink, entity).waiting.append(Stored({"schema": "?"}, b"[]"))
            self.server.changed.notify_all()


class StreamsRig:
    """Streams on a real server."""

    def __init__(self, url: str, namespace: str = "waxline") -> None:
        self.url = url
        self.namespace = namespace

    def connect(self) -> Broker:
        """Return one program's broker."""
        server = contract_settings(self.url, namespace=self.namespace).server("broker")
        return StreamsBroker(server, QUEUE_BYTES, claim_after=CLAIM_AFTER)

    async def spoil(self, sink: str, entity: Entity) -> None:
        """Put a message with headers that nobody can read into a queue."""
        async with Redis.from_url(self.url) as client:
            stream = Names(self.namespace).stream(sink, entity)
            await client.xadd(stream, {b"schema": b"\xff", b"body": b"[]"})


class RabbitRig:
    """A real RabbitMQ."""

    def __init__(self, url: str, namespace: str = "waxline") -> None:
        self.url = url
        self.namespace = namespace

    def connect(self) -> Broker:
        """Return one program's broker."""
        server = contract_settings(self.url, namespace=self.namespace).server("broker")
        return RabbitBroker(server, QUEUE_BYTES)

    async def spoil(self, sink: str, entity: Entity) -> None:
        """Put a message with headers that nobody can read into a queue."""
        connection = await aio_pika.connect(self.url, timeout=10)
        async with connection, connection.channel() as channel:
            exchange = await channel.get_exchange(topology.Names(self.namespace).records)
            message = aio_pika.Message(b"[]", headers={"schema": 7}, delivery_mode=2)
            await exchange.publish(message, topology.key_for_one(sink, entity))


def message(body: bytes = b"[]", entity: Entity = Entity.ARTIST) -> Message:
    """Return a batch as far as a broker is concerned."""
    return Message(Headers(Kind.BATCH, entity, 7, 20260101, 1, allow_older=True), body)


async def next_of(subscription: Subscription) -> Delivery:
    """Return the next message, which has to come."""
    delivery = await subscription.receive(PATIENCE)
    assert delivery is not None
    return delivery


def rig_of(request: pytest.FixtureRequest, kind: str) -> Rig:
    """Return the rig on one of our own servers: memory, streams or rabbitmq."""
    match kind:
        case "streams":
            return StreamsRig(request.getfixturevalue("valkey_url"))
        case "rabbitmq":
            return RabbitRig(request.getfixturevalue("rabbitmq_url"))
        case _:
            return MemoryRig()


@asynccontextmanager
async def connected(rig: Rig) -> AsyncIterator[Broker]:
    """Have a program's broker for the length of a ``with``."""
    broker = rig.connect()
    try:
        yield broker
    finally:
        await broker.close()


@asynccontextmanager
async def consuming(
    rig: Rig, sink: str = "postgres", entity: Entity = Entity.ARTIST, prefetch: int = 10
) -> AsyncIterator[Subscription]:
    """A loader of its own: a connection and one subscription."""
    async with connected(rig) as broker:
        subscription = await broker.subscribe(sink, entity, prefetch)
        try:
            yield subscription
        finally:
            await subscription.close()


async def until_dead(broker: Broker, sink: str, count: int) -> None:
    """Wait for dead letters: a queue moves them by itself, after the consumer has gone."""
    polled = AsyncRetrying(
        retry=retry_if_not_result(partial(le, count)),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(PATIENCE),
    )
    await polled(broker.dead_letters, sink)
