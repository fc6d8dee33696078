"""A message that a server does not take for its size: it alone fails, and at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeAlias

import pytest
from redis.asyncio import Redis

from common.broker import TooLargeError
from tests.certificates import SecureRabbitMQ
from tests.contract.broker_rigs import (
    SINKS,
    MemoryRig,
    RabbitRig,
    Rig,
    StreamsRig,
    connected,
    consuming,
    message,
    next_of,
)

MOST = 1 << 20
"""Bytes: Valkey, Redis and their like cannot be told less."""
LAST = b"last"
_ASKED = 512 << 20
_LONGEST = "proto-max-bulk-len"

Limiting: TypeAlias = Callable[[pytest.FixtureRequest, AsyncExitStack], Awaitable[Rig]]


async def _memory(_request: pytest.FixtureRequest, _stack: AsyncExitStack) -> Rig:
    rig = MemoryRig()
    rig.server.most = MOST
    return rig


async def _streams(request: pytest.FixtureRequest, stack: AsyncExitStack) -> Rig:
    url: str = request.getfixturevalue("valkey_url")
    client = await stack.enter_async_context(Redis.from_url(url))
    await client.config_set(_LONGEST, MOST)
    stack.push_async_callback(client.config_set, _LONGEST, _ASKED)
    return StreamsRig(url)


async def _rabbitmq(request: pytest.FixtureRequest, stack: AsyncExitStack) -> Rig:
    server: SecureRabbitMQ = request.getfixturevalue("rabbitmq_server")
    stack.enter_context(server.taking(MOST))
    return RabbitRig(request.getfixturevalue("rabbitmq_url"))


RIGS: dict[str, Limiting] = {"memory": _memory, "streams": _streams, "rabbitmq": _rabbitmq}


@pytest.fixture(params=RIGS)
async def limited(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A server that takes messages of `MOST` bytes."""
    async with AsyncExitStack() as stack:
        yield await RIGS[request.param](request, stack)


async def test_a_message_that_is_too_large_fails_alone_and_for_good(limited: Rig) -> None:
    bodies = [bytes([number]) * 100 for number in range(8)]
    async with connected(limited) as broker:
        await broker.declare(SINKS)
        for _ in range(2):  # what is learnt from the first is true for the second
            refused = asyncio.create_task(broker.publish(message(bytes(MOST + 1))))
            await asyncio.gather(*(broker.publish(message(body)) for body in bodies))
            with pytest.raises(TooLargeError, match=f"{MOST + 1} bytes.* {MOST}$"):
                await refused
        await broker.publish(message(LAST))
        for sink in SINKS:
            assert await taken(limited, sink) == {*bodies, LAST}


async def test_a_message_of_the_very_size_is_taken(limited: Rig) -> None:
    async with connected(limited) as broker:
        await broker.declare(SINKS)
        await broker.publish(message(bytes(MOST)))
        async with consuming(limited) as subscription:
            assert len((await next_of(subscription)).message.body) == MOST


async def taken(rig: Rig, sink: str) -> set[bytes]:
    """Acknowledge everything up to the last."""
    found: set[bytes] = set()
    async with consuming(rig, sink) as subscription:
        while LAST not in found:
            delivery = await next_of(subscription)
            found.add(delivery.message.body)
            await subscription.ack([delivery])
    return found
