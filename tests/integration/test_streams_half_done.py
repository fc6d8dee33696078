"""No message is lost where only a part of what the streams are told is done.

A key of another kind in the place of a stream refuses a command wherever it stands, in a
transaction as well: full memory does the same on Dragonfly.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from common.broker.streams import StreamsBroker
from common.broker.streams_queue import Names
from common.entities import Entity
from common.errors import ServerError
from tests.contract.broker_rigs import contract_settings, message, next_of
from tests.peer import peer

ARTIST = Entity.ARTIST
NAMES = Names("waxline")
SINKS = ("neo4j", "postgres")
CLAIM_AFTER = 0.3


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[StreamsBroker]:
    settings = contract_settings(url)
    broker = StreamsBroker(settings.server("broker"), settings.queue_bytes, CLAIM_AFTER)
    try:
        yield broker
    finally:
        await broker.close()


@pytest.fixture
async def broker(valkey_url: str) -> AsyncIterator[StreamsBroker]:
    async with connected(valkey_url) as broker:
        await broker.declare(SINKS)
        yield broker


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url) as client:
        yield client


async def test_what_the_dead_letters_refuse_stays_in_its_queue(
    broker: StreamsBroker, client: Redis
) -> None:
    await broker.publish(message(b"1"))
    await client.set(NAMES.dead("postgres"), "in the way")
    subscription = await broker.subscribe("postgres", ARTIST, 4)
    with pytest.raises(ServerError, match="WRONGTYPE"):
        await subscription.reject(await next_of(subscription), "bad")
    assert await broker.depth("postgres", ARTIST) == 1
    await client.delete(NAMES.dead("postgres"))
    again = await next_of(subscription)
    assert again.message == message(b"1")
    await subscription.reject(again, "bad")
    assert await broker.depth("postgres", ARTIST) == 0
    assert [letter.body for letter in await broker.list_dead_letters("postgres", 9)] == [b"1"]


async def test_what_a_queue_refuses_stays_in_the_dead_letters(
    broker: StreamsBroker, client: Redis
) -> None:
    await broker.publish(message(b"1"))
    subscription = await broker.subscribe("postgres", ARTIST, 4)
    await subscription.reject(await next_of(subscription), "bad")
    await subscription.close()
    (letter,) = await broker.list_dead_letters("postgres", 9)
    await client.delete(NAMES.stream("postgres", ARTIST))
    await client.set(NAMES.stream("postgres", ARTIST), "in the way")
    with pytest.raises(ServerError, match="WRONGTYPE"):
        await broker.replay_dead_letters("postgres", [letter.key])
    assert await broker.list_dead_letters("postgres", 9) == [letter]
    await client.delete(NAMES.stream("postgres", ARTIST))
    await broker.replay_dead_letters("postgres", [letter.key])
    assert await broker.depth("postgres", ARTIST) == 1
    assert await broker.list_dead_letters("postgres", 9) == []


async def test_a_message_that_one_sink_refuses_is_an_error(
    broker: StreamsBroker, client: Redis
) -> None:
    await client.delete(NAMES.stream("neo4j", ARTIST))
    await client.set(NAMES.stream("neo4j", ARTIST), "in the way")
    with pytest.raises(ServerError, match="WRONGTYPE"):
        await broker.publish(message(b"1"))


@pytest.mark.parametrize(
    "full",
    [
        b"-ERR Out of memory\r\n",  # Dragonfly 1.39
        b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",  # Valkey 9
    ],
)
async def test_a_sink_that_took_a_message_does_not_get_it_again(full: bytes) -> None:
    """Memory full at the second stream: the publisher waits, and adds to that one only."""
    added = b"$3\r\n1-1\r\n"
    async with (
        peer(XADD=[added, full, full, added], XLEN=[b":1\r\n"]) as server,
        connected(server.url) as broker,
    ):
        await broker.declare(SINKS)
        await broker.publish(message(b"1"))
        first, second = (NAMES.stream(sink, ARTIST).encode() for sink in SINKS)
        asked = [command[1] for command in server.asked if command[0] == b"XADD"]
        assert asked == [first, second, second, second]


async def test_a_group_that_is_gone_is_made_again_whatever_it_is_called() -> None:
    """Dragonfly says of a missing stream what it says of any key, in answer to XPENDING."""
    claimed = b"*3\r\n$3\r\n0-0\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$4\r\nbody\r\n$1\r\n1\r\n*0\r\n"
    nothing = b"*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n"
    recorded = {
        "XAUTOCLAIM": [claimed, nothing],
        "XPENDING": [b"-ERR no such key\r\n"],
        "XREADGROUP": [b"*-1\r\n"],
        "XGROUP": [b"+OK\r\n"],
    }
    async with peer(**recorded) as server, connected(server.url) as broker:
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        assert await subscription.receive(0.1) is None
        made = [command for command in server.asked if command[:2] == [b"XGROUP", b"CREATE"]]
    assert len(made) == 2


async def test_a_sign_of_life_is_one_on_every_server(valkey_url: str, client: Redis) -> None:
    """IDLE is milliseconds on Valkey and a time of day on Dragonfly: nobody must say it."""
    async with client.monitor() as listening, connected(valkey_url) as broker:
        await broker.declare(SINKS)
        await broker.publish(message(b"1"))
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        held = await next_of(subscription)
        claims = [await next_claim(listening)]
        await subscription.close()
        claims.append(await next_claim(listening))
        heir = await broker.subscribe("postgres", ARTIST, 4)
        again = await next_of(heir)
    assert (again.message, again.attempt) == (held.message, 2)
    assert not [claim for claim in claims if " IDLE " in claim]
    beat, left = claims
    assert " TIME " not in beat
    assert " TIME 1 " in left


async def next_claim(listening: Any) -> str:
    """Return the next XCLAIM that the server is told."""
    while True:
        command = (await listening.next_command())["command"]
        if command.startswith("XCLAIM"):
            return str(command)
