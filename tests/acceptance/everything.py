"""All that the product has left behind, as text: files, store, broker, bookkeeping."""

from pathlib import Path
from typing import Any

import asyncpg
import redis

from common.broker import open_broker
from config.settings import load_settings
from tests.oracle.graph import session_of

DEADLINE = 30.0

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'waxline'
"""
_NODES = "MATCH (n) WHERE any(l IN labels(n) WHERE l STARTS WITH 'Waxline') RETURN labels(n), n"


def of_files(folder: Path) -> list[str]:
    """Return the content of every file below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.read_text(encoding="utf-8", errors="replace") for path in files]


def of_store(url: str) -> list[str]:
    """Return every key of a store with its value, whatever it is."""
    with redis.Redis.from_url(url, socket_timeout=DEADLINE, encoding_errors="replace") as client:
        return [f"{key!r} {_value(client, key)!r}" for key in client.scan_iter()]


def _value(client: Any, key: bytes) -> object:
    match client.type(key):
        case b"string":
            return client.get(key)
        case b"hash":
            return client.hgetall(key)
        case b"stream":
            return client.xrange(key)
        case b"set":
            return client.smembers(key)
        case kind:
            raise AssertionError(f"{key!r} is of a kind that is not looked into: {kind!r}")


async def of_postgres(url: str) -> list[str]:
    """Return every row of the bookkeeping in PostgreSQL."""
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=DEADLINE)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        query = "SELECT t::text FROM {} t"
        rows = [await connection.fetch(query.format(table)) for table in tables]
        return [row[0] for found in rows for row in found]
    finally:
        await connection.close(timeout=DEADLINE)


async def of_graph(url: str) -> list[str]:
    """Return every node of the bookkeeping in a graph."""
    async with session_of(url) as session:
        return [str(row) for row in await (await session.run(_NODES)).data()]


async def of_broker(url: str, sinks: tuple[str, ...]) -> list[str]:
    """Return every dead letter of these sinks."""
    settings = load_settings(broker_url=url)
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    try:
        letters = [await broker.list_dead_letters(sink, 100) for sink in sinks]
        return [str(letter) for found in letters for letter in found]
    finally:
        await broker.close()
