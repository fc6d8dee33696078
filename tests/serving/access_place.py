"""A place of keys and limits as several processes have it, and how a test asks there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from common.cache import Values, open_values
from common.cache.keys import Keys
from common.postgres.database import Database
from config.settings import load_settings
from serving.access.admission import Access, Admission, Rules, opened_access
from serving.access.keys import Key, KeyTables
from tests.contract.caches import Clock, cache_at
from tests.contract.sinks import connected

LIMITED = Rules(anonymous_limit=50, key_limit=100)
NOBODY = "192.0.2.1"


@dataclass(frozen=True)
class Place:
    """One database and what its processes share; ``clock`` is theirs."""

    url: str
    cache_url: str
    clock: Clock
    keys: Keys

    @asynccontextmanager
    async def tables(self) -> AsyncIterator[KeyTables]:
        async with self.database() as database:
            tables = KeyTables(database)
            await tables.make()
            yield tables

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        database = Database(load_settings(postgres_url=self.url).server("reading"), 2)
        await database.open()
        try:
            yield database
        finally:
            await database.close()

    def values(self, *, shared: bool = True) -> Values:
        return open_values(cache_at(self.cache_url) if shared else None)

    @asynccontextmanager
    async def access(self, rules: Rules = LIMITED, *, shared: bool = True) -> AsyncIterator[Access]:
        """Have what a process has."""
        values = self.values(shared=shared)
        async with self.database() as database:
            opening = opened_access(
                database, values, self.keys, rules, shared=shared, clock=self.clock
            )
            async with opening as access:
                yield access
            await values.close()

    async def uses(self) -> list[tuple[str, int, int]]:
        """Return name, requests and cost of each key that was used."""
        async with connected(self.url) as connection:
            rows = await connection.fetch(
                "SELECT name, requests, cost FROM reading.key_use JOIN reading.key ON id = key "
                "WHERE day = (now() AT TIME ZONE 'UTC')::date ORDER BY name"
            )
        return [tuple(row) for row in rows]


class CountingTables(KeyTables):
    """Tables of which is counted how often they are asked for keys."""

    asked = 0

    async def use(self, uses: Any) -> dict[bytes, Key]:
        self.asked += 1
        return await super().use(uses)


async def ask(access: Access, key: str = "", address: str = NOBODY, cost: int = 1) -> Admission:
    headers = [(b"authorization", f"Discogs token={key}".encode())] if key else []
    return await access.admit(headers, b"", address, cost)


def status(admission: Admission) -> int:
    return admission.refusal.status if admission.refusal else 200


def told(admission: Admission) -> dict[str, str]:
    """Return the header that goes with the answer."""
    return {name.decode(): value.decode() for name, value in admission.headers}


def said(admission: Admission) -> Any:
    assert admission.refusal
    return orjson.loads(admission.refusal.body)
