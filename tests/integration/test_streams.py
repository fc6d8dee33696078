"""The broker on streams when the server dies, fills up, loses everything or refuses."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from redis.asyncio import Redis

from common.broker import Delivery, open_broker
from common.broker.protocol import Subscription
from common.broker.streams import StreamsBroker
from common.broker.streams_queue import Names
from common.broker.waiting import QueueFullError
from common.entities import Entity
from common.errors import ServerError, TransientError
from common.messages import Headers, Kind, Message
from common.redis_client import translated
from config.servers import with_password
from config.settings import load_settings
from tests.contract.broker_rigs import contract_settings
from tests.servers import started
from waxline.servers.valkey import Valkey

PATIENCE = 30.0
ROOM = 8_000_000
"""Bytes above what a server takes when it is empty, which is not the same for all."""
CLAIM_AFTER = 0.3
ARTIST = Entity.ARTIST
NAMES = Names("waxline")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of this test's own, to be killed."""
    with started(Valkey("valkey", tmp_path)) as server:
        yield server


@asynccontextmanager
async def connected(url: str, **changes: Any) -> AsyncIterator[StreamsBroker]:
    settings = contract_settings(
        url, **{"queue_bytes": 100_000_000, "connect_timeout": PATIENCE, **changes}
    )
    broker = StreamsBroker(settings.server("broker"), settings.queue_bytes, CLAIM_AFTER)
    try:
        yield broker
    finally:
        await broker.close()


@asynccontextmanager
async def user_without(client: Redis, url: str, command: str) -> AsyncIterator[str]:
    """Have the URL of a user that may do all but one command."""
    name, parts = f"without-{command}", urlsplit(url)
    await client.acl_setuser(
        name,
        enabled=True,
        passwords=["+pw"],
        keys=["*"],
        channels=["*"],
        commands=["+@all", f"-{command}"],
    )
    try:
        place = parts.netloc.rpartition("@")[2]
        yield parts._replace(netloc=f"{name}:pw@{place}").geturl()
    finally:
        await client.acl_deluser(name)


def message(body: bytes) -> Message:
    return Message(Headers(Kind.BATCH, ARTIST, 7, 20260101, 1), body)


async def next_of(subscription: Subscription) -> Delivery:
    delivery = await subscription.receive(PATIENCE)
    assert delivery is not None
    return delivery


def crash(server: Valkey) -> None:
    node = server.process.alive()
    assert node is not None
    node.kill()
    psutil.wait_procs([node], timeout=PATIENCE)


async def test_publishers_and_consumers_outlive_a_crash_of_the_server(server: Valkey) -> None:
    url = str(server.url())
    async with connected(url) as broker, connected(url) as loader:
        await broker.declare(["postgres"])
        subscription = await loader.subscribe("postgres", ARTIST, 4)
        await asyncio.to_thread(crash, server)
        publishing = asyncio.create_task(broker.publish(message(b"1")))
        assert await subscription.receive(0.1) is None
        await asyncio.to_thread(server.start)
        await asyncio.wait_for(publishing, PATIENCE)
        delivery = await next_of(subscription)
        assert delivery.message.body == b"1"
        await subscription.ack([delivery])
        assert await broker.depth("postgres", ARTIST) == 0


async def test_a_server_that_is_away_for_a_moment_is_waited_for(server: Valkey) -> None:
    url = str(server.url())
    await asyncio.to_thread(crash, server)
    async with connected(url) as broker, connected(url) as loader:
        declaring = asyncio.create_task(broker.declare(["postgres"]))
        subscribing = asyncio.create_task(loader.subscribe("postgres", ARTIST, 4))
        done, _ = await asyncio.wait([declaring, subscribing], timeout=0.5)
        assert not done
        await asyncio.to_thread(server.start)
        await asyncio.wait_for(declaring, PATIENCE)
        subscription = await asyncio.wait_for(subscribing, PATIENCE)
        await broker.publish(message(b"1"))
        assert (await next_of(subscription)).message.body == b"1"


async def test_a_server_that_stays_away_is_a_transient_error(server: Valkey) -> None:
    async with connected(str(server.url()), retry_seconds=1) as broker:
        await broker.declare(["postgres"])
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        await asyncio.to_thread(crash, server)
        with pytest.raises(TransientError, match=r":\*\*\*@"):
            await broker.publish(message(b"1"))
        with pytest.raises(TransientError):
            await subscription.receive(PATIENCE)


async def test_an_emptied_server_gets_its_groups_again(valkey_url: str) -> None:
    async with connected(valkey_url) as broker, Redis.from_url(valkey_url) as client:
        await broker.declare(["postgres"])
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        await client.flushall()
        await broker.publish(message(b"1"))
        assert (await next_of(subscription)).message.body == b"1"


async def test_a_publisher_waits_while_the_memory_is_full(valkey_url: str) -> None:
    """As a user that may not ask for the server's settings, which change beside it."""
    bodies = [bytes([number]) * 500_000 for number in range(40)]
    async with (
        Redis.from_url(valkey_url) as client,
        user_without(client, valkey_url, "config") as url,
        connected(url) as broker,
    ):
        await broker.declare(["postgres"])
        before = (await client.config_get("maxmemory"))["maxmemory"] or "0"
        used = (await client.info("memory"))["used_memory"]
        await client.config_set("maxmemory", used + ROOM)
        try:
            publishing = asyncio.create_task(publish_all(broker, bodies))
            await asyncio.wait([publishing], timeout=1)
            assert not publishing.done()
            # A loader may start when the memory is full already.
            subscription = await broker.subscribe("postgres", ARTIST, 4)
            for body in bodies:
                delivery = await next_of(subscription)
                assert delivery.message.body == body
                await subscription.ack([delivery])
            await asyncio.wait_for(publishing, PATIENCE)
        finally:
            await client.config_set("maxmemory", before)
        assert await broker.depth("postgres", ARTIST) == 0


async def test_memory_that_ends_within_a_transaction_is_full_memory(valkey_url: str) -> None:
    async with (
        Redis.from_url(valkey_url) as other,
        Redis.from_url(valkey_url, single_connection_client=True) as client,
    ):
        before = (await other.config_get("maxmemory"))["maxmemory"] or "0"
        send: Any = client.execute_command
        await send("MULTI")
        await send("XADD", "stream", "*", "field", "value")
        await other.config_set("maxmemory", "1")
        try:
            with pytest.raises(QueueFullError):
                async with translated("the server", PATIENCE, full=QueueFullError):
                    await send("EXEC")
        finally:
            await other.config_set("maxmemory", before)


async def publish_all(broker: StreamsBroker, bodies: list[bytes]) -> None:
    for body in bodies:
        await broker.publish(message(body))


async def test_what_is_held_long_stays_held(valkey_url: str) -> None:
    async with connected(valkey_url) as one, connected(valkey_url) as other:
        await one.declare(["postgres"])
        holder = await one.subscribe("postgres", ARTIST, 4)
        await one.publish(message(b"1"))
        held = await next_of(holder)
        idler = await other.subscribe("postgres", ARTIST, 4)
        assert await idler.receive(4 * CLAIM_AFTER) is None
        await holder.ack([held])
        assert await one.depth("postgres", ARTIST) == 0


async def test_a_consumer_that_leaves_nothing_leaves_no_name(valkey_url: str) -> None:
    async with connected(valkey_url) as broker, Redis.from_url(valkey_url) as client:
        await broker.declare(["postgres"])
        await broker.publish(message(b"1"))
        tidy = await broker.subscribe("postgres", ARTIST, 4)
        held = await next_of(tidy)
        await tidy.close()
        heir = await broker.subscribe("postgres", ARTIST, 4)
        assert (await next_of(heir)).message == held.message
        await tidy.ack([held])
        await tidy.close()
        consumers = await client.xinfo_consumers("waxline:stream:postgres:artist", "waxline")
        assert [consumer["pending"] for consumer in consumers] == [0]


async def test_a_dead_letter_keeps_its_headers_and_the_reason(valkey_url: str) -> None:
    async with connected(valkey_url) as broker, Redis.from_url(valkey_url) as client:
        await broker.declare(["postgres"])
        await broker.publish(message(b"1"))
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        await subscription.reject(await next_of(subscription), "bad")
        entries = await client.xrange(NAMES.dead("postgres"))
        assert entries
        fields = entries[0][1]
        assert fields
        assert fields[b"body"] == b"1"
        assert fields[b"entity"] == b"artist"
        assert fields[b"waxline-reason"] == b"bad"
        assert fields[b"waxline-attempt"] == b"1"


async def test_a_wrong_password_is_fatal_and_not_shown(valkey_url: str) -> None:
    async with connected(with_password(valkey_url, "canary-password")) as broker:
        with pytest.raises(ServerError, match="refuses us") as caught:
            await broker.declare(["postgres"])
    assert not isinstance(caught.value, TransientError)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["redis", "rediss", "unix"])
async def test_the_scheme_chooses_streams(scheme: str) -> None:
    settings = load_settings(broker_url=f"{scheme}://127.0.0.1/1")
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    assert isinstance(broker, StreamsBroker)
    await broker.close()
