"""Servers that a contract suite runs on besides its own: those whose URLs the environment gives.

Nothing there is emptied but what a test made itself, under a namespace of its own.
"""

import os
from uuid import uuid4

import aio_pika
from redis.asyncio import Redis

from common.broker.rabbitmq_topology import Names
from common.entities import Entity

_SINKS = ("postgres", "neo4j")

STORES = "WAXTEST_STORE_URL"
BROKERS = "WAXTEST_BROKER_URL"


def foreign(variable: str) -> list[str]:
    """Return the URLs that a variable names, separated by spaces."""
    return os.environ.get(variable, "").split()


def fresh_namespace() -> str:
    """Return a namespace that nobody has used."""
    return f"test_{uuid4().hex[:12]}"


async def clear_keys(url: str, namespace: str) -> None:
    """Delete the keys of a namespace."""
    async with Redis.from_url(url) as client:
        async for key in client.scan_iter(f"{namespace}:*"):
            await client.unlink(key)


async def clear_queues(url: str, namespace: str) -> None:
    """Delete the queues and exchanges of a namespace."""
    names = Names(namespace)
    connection = await aio_pika.connect(url, timeout=10)
    async with connection, connection.channel() as channel:
        for sink in _SINKS:
            for entity in Entity:
                await channel.queue_delete(names.queue(sink, entity))
            await channel.queue_delete(names.dead_queue(sink))
        for exchange in (names.records, names.dead):
            await channel.exchange_delete(exchange)
