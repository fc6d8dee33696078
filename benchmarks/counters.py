"""What a load costs in the databases: counters of the servers themselves, before and after."""

import asyncio
import base64
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Self

import asyncpg

from benchmarks.figures import Counters
from tests.oracle.graph import session_of

_DEADLINE = 60.0  # s
_FLUSH_SECONDS = 11.0
"""PostgreSQL's idle sessions tell their counts after ten seconds."""

_ROWS = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0)::bigint, coalesce(sum(n_tup_del), 0)::bigint
FROM pg_stat_user_tables WHERE schemaname = 'discogs'
"""
_WAL = "SELECT pg_current_wal_lsn()::text, pg_current_wal_lsn() - '0/0'::pg_lsn"
_IMAGES = "SELECT sum(fpi_size)::bigint FROM pg_get_wal_stats($1::text::pg_lsn, $2::text::pg_lsn)"
_PREPARE = (
    "CREATE EXTENSION IF NOT EXISTS pg_walinspect",
    # What has not been looked at yet must not be recycled.
    "ALTER SYSTEM SET wal_keep_size = '16GB'",
    "SELECT pg_reload_conf()",
)
_TRANSACTIONS = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_SYSTEM = (1).to_bytes(16, "big")
_INTEGERS = {0xC8: 1, 0xC9: 2, 0xCA: 4, 0xCB: 8}
"""Bolt's markers of integers, and how many bytes follow."""


class Meter:
    """Asks both databases for their counters; the sinks that are not there are left out.

    It waits ``settle`` seconds until counts of rows have been told by all sessions.
    """

    def __init__(self, urls: Mapping[str, str], settle: float = _FLUSH_SECONDS) -> None:
        self._urls = urls
        self._settle = settle
        self._stack = AsyncExitStack()
        self._postgres: asyncpg.Connection[Any] | None = None
        self._graph: Any = None
        self._seen = Counters(0, 0, 0, 0, 0, 0)
        self._inspected = ""  # the end of the WAL whose images have been added up

    async def __aenter__(self) -> Self:
        if url := self._urls.get("postgres"):
            self._postgres = await asyncpg.connect(
                url, timeout=_DEADLINE, command_timeout=_DEADLINE
            )
            self._stack.push_async_callback(self._postgres.close, timeout=_DEADLINE)
            for statement in _PREPARE:
                await self._postgres.execute(statement)
        if url := self._urls.get("graph"):
            self._graph = await self._stack.enter_async_context(session_of(url))
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._stack.aclose()

    async def checkpoint(self) -> None:
        """Have PostgreSQL write a checkpoint: between two dumps' loads lie many.

        The first change of each page after it puts the page's image in the log.
        """
        if self._postgres is not None:
            await self._postgres.execute("CHECKPOINT")

    async def added(self) -> Counters:
        """Return what has been added since this was last asked."""
        before, graph = self._seen, await self._graph_transactions()
        self._seen = Counters(*await self._of_postgres(), graph)
        return self._seen.since(before)

    async def _of_postgres(self) -> tuple[int, int, int, int, int]:
        """Return the counters up to the next transaction's id, in their order."""
        if self._postgres is None:
            return (-1, -1, -1, -1, -1)
        end, wal = await self._postgres.fetchrow(_WAL) or ("", 0)
        transactions = int(await self._postgres.fetchval(_TRANSACTIONS))
        await asyncio.sleep(self._settle)
        written, deleted = await self._postgres.fetchrow(_ROWS) or (0, 0)
        images = self._seen.images + await self._images_until(end, self._postgres)
        return written, deleted, int(wal), images, transactions

    async def _images_until(self, end: str, postgres: "asyncpg.Connection[Any]") -> int:
        """Return the bytes of images since this was last asked; at first there is nothing."""
        start, self._inspected = self._inspected or end, end
        if start == end:
            return 0
        return int(await postgres.fetchval(_IMAGES, start, end) or 0)

    async def _graph_transactions(self) -> int:
        """Return the id of the graph's last transaction: each that writes has the next one.

        Community tells it in bookmarks only.
        """
        if self._graph is None:
            return -1
        await (await self._graph.run("RETURN 1")).consume()
        bookmarks = (await self._graph.last_bookmarks()).raw_values
        return max(map(transaction_of, bookmarks), default=-1)


def transaction_of(bookmark: str) -> int:
    """Return the id of the transaction that a bookmark of Neo4j stands for, -1 for none.

    It has the id of each database, 16 bytes after CC 10, and that of its last transaction.
    """
    packed = base64.b64decode(bookmark.removeprefix("FB:") + "==")
    for part in packed.split(b"\xcc\x10")[1:]:
        database, number = part[:16], part[16:]
        if database != _SYSTEM and number:
            length = _INTEGERS.get(number[0], 0)
            return int.from_bytes(number[1 : 1 + length] if length else number[:1], "big")
    return -1
