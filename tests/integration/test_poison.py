"""What is poison and what is an outage: real loaders on PostgreSQL, with either broker."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import orjson
import pytest
from redis.asyncio import Redis

from common.broker import Broker, open_broker
from common.broker.streams_queue import Names
from common.entities import ID_LIMIT, Entity
from common.errors import ServerError, TransientError, WaxlineError
from common.messages import Headers, Kind, Message, Range, encode_range
from config.settings import Settings, load_settings
from loaders.command import load
from loaders.postgres import PostgresSink
from tests.isolation import execute
from tests.servers import REPOSITORY

Outage: TypeAlias = Callable[[str], AbstractAsyncContextManager[None]]
"""A database that can be connected to and not written to, by its URL."""

ARTIST = Entity.ARTIST
HEADERS = Headers(Kind.BATCH, ARTIST, 7, 20260101, 1)
DEADLINE = 90.0
MESSAGES = 6
DEATHS = 2
STARTS = 2 * DEATHS
"""Of a loader in an outage."""
WHOLE = Range(index=0, ranges=1, first=0, last=ID_LIMIT, bitmap=b"", count=0, total=0)


@pytest.fixture
def settings(broker_url: str, valkey_url: str, postgres_url: str) -> Settings:
    """Settings of loaders that give up soon."""
    return load_settings(
        broker_url=broker_url,
        store_url=f"{valkey_url}/0",
        postgres_url=postgres_url,
        retry_seconds=0.2,
        linger=0.05,
        delivery_limit=DEATHS,
    )


def batch(number: int, headers: Headers = HEADERS) -> Message:
    record = {"id": number, "fingerprint": number, "data": {"name": f"A{number}"}}
    return Message(headers, orjson.dumps([record]))


async def publish(settings: Settings, *messages: Message) -> None:
    async with AsyncExitStack() as stack:
        broker = open_broker(settings.server("broker"), settings.queue_bytes)
        stack.push_async_callback(broker.close)
        await broker.declare(["postgres"])
        for message in messages:
            await broker.publish(message)


async def held(settings: Settings) -> list[int]:
    sink = PostgresSink(settings.sink("postgres"))
    await sink.open()
    try:
        return await sink.content.held(ARTIST, [(0, ID_LIMIT)])
    finally:
        await sink.close()


async def dead(settings: Settings) -> list[tuple[bytes, str]]:
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    try:
        letters = await broker.list_dead_letters("postgres", 100)
        return [(letter.body, letter.reason) for letter in letters]
    finally:
        await broker.close()


async def load_all(settings: Settings) -> None:
    """Load until the queue is empty."""
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    loading = asyncio.create_task(load(PostgresSink(settings.sink("postgres")), settings))
    try:
        async with asyncio.timeout(DEADLINE):
            while not loading.done() and not await _is_done(broker, settings):
                await asyncio.wait([loading], timeout=0.1)
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await broker.close()
    if not loading.cancelled():
        loading.result()


async def _is_done(broker: Broker, settings: Settings) -> bool:
    """Tell whether every message is loaded or dead: RabbitMQ does not count those in hand."""
    found = len(await held(settings)) + await broker.dead_letters("postgres")
    return found >= MESSAGES and await broker.depth("postgres", ARTIST) == 0


@asynccontextmanager
async def read_only(url: str) -> AsyncIterator[None]:
    """Have a database that is found to be read-only when a loader starts."""
    server, _, name = url.rpartition("/")
    postgres = f"{server}/postgres"
    await execute(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    yield
    await execute(postgres, f"ALTER DATABASE {name} RESET default_transaction_read_only")


@asynccontextmanager
async def full(url: str) -> AsyncIterator[None]:
    """Have a database with which nothing is wrong until something is written."""
    await execute(
        url,
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$",
    )
    await execute(
        url,
        "CREATE TRIGGER no_room BEFORE INSERT ON discogs.artist "
        "FOR EACH STATEMENT EXECUTE FUNCTION no_room()",
    )
    yield
    await execute(url, "DROP FUNCTION no_room CASCADE")


@pytest.mark.parametrize(
    ("outage", "error", "reason"),
    [
        (read_only, ServerError, "makes transactions read-only"),
        (full, TransientError, "No space left on device"),
    ],
)
async def test_an_outage_makes_no_dead_letters_however_often_loaders_start(
    settings: Settings, postgres_url: str, outage: Outage, error: type[WaxlineError], reason: str
) -> None:
    await held(settings)  # makes the schema
    await publish(settings, *map(batch, range(1, MESSAGES + 1)))
    async with outage(postgres_url):
        for _ in range(STARTS):
            with pytest.raises(error, match=reason):
                async with asyncio.timeout(DEADLINE):
                    await load(PostgresSink(settings.sink("postgres")), settings)
    await load_all(settings)
    assert await held(settings) == list(range(1, MESSAGES + 1))
    assert await dead(settings) == []


async def test_only_the_message_that_ends_its_loaders_is_dead(settings: Settings) -> None:
    await publish(settings, *map(batch, range(1, MESSAGES + 1)))
    ends = []
    for _ in range(1 + DEATHS):
        ends.append(await _end_of_a_loader(settings))
        await _outwait(settings)
    assert ends == [-signal.SIGKILL] * (1 + DEATHS)
    await load_all(settings)
    ((body, reason),) = await dead(settings)
    assert reason == f"it ended {DEATHS} loaders while it was tried by itself"
    (lost,) = orjson.loads(body)
    assert await held(settings) == sorted(set(range(1, MESSAGES + 1)) - {lost["id"]})


async def _outwait(settings: Settings) -> None:
    """Have lain idle what a dead loader held, as in some seconds; RabbitMQ sees it at once."""
    url = settings.server("broker").url
    if url.startswith("amqp"):
        return
    stream, group = Names(settings.namespace).stream("postgres", ARTIST), settings.namespace
    async with Redis.from_url(url, socket_timeout=DEADLINE) as client:
        held_ones = await client.xpending_range(stream, group, "-", "+", MESSAGES)
        for one in held_ones:
            holder: Any = one["consumer"]
            entries: Any = [one["message_id"]]
            await client.xclaim(stream, group, holder, 0, entries, time=1, justid=True)


async def _end_of_a_loader(settings: Settings) -> int:
    """Start a loader that dies when it has a message in hand, before it has written anything."""
    given = {
        "WAXLINE_BROKER_URL": settings.server("broker").url,
        "WAXLINE_STORE_URL": settings.server("store").url,
        "WAXLINE_POSTGRES_URL": settings.server("postgres").url,
        "WAXLINE_DELIVERY_LIMIT": str(settings.delivery_limit),
        "WAXTEST_KILL_AT": "loader.admitted",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loaders", "postgres"),
        env={"PATH": os.environ["PATH"], **given},
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DEADLINE):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_what_nobody_can_read_is_dead_and_ends_no_loader(settings: Settings) -> None:
    bodies = {
        b'[{"id":9223372036854775808,"fingerprint":1,"data":{}}]': "batch is not",
        b'[{"id":1,"fingerprint":18446744073709551615,"data":{}}]': "batch is not",
        b"{": "batch is not",
    }
    wrong = encode_range(replace(WHOLE, first="x"))  # type: ignore[arg-type]
    await publish(
        settings,
        *(Message(HEADERS, body) for body in bodies),
        Message(replace(HEADERS, kind=Kind.RANGE), wrong),
        batch(1, replace(HEADERS, run=2**63)),
        batch(2),
    )
    await load_all(settings)
    assert await held(settings) == [2]
    found = dict(await dead(settings))
    assert len(found) == MESSAGES - 1
    assert all(found[body].startswith(reason) for body, reason in bodies.items())
    assert found[wrong].startswith("range is not readable")
