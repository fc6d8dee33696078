"""A PostgreSQL sink to write with, and what its database then holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from common.entities import Entity
from common.errors import WaxlineError
from common.messages import Headers, Kind, Range
from common.records import Record, RecordData
from common.records.tables import TABLES
from config.settings import load_settings
from loaders.postgres import PostgresSink
from loaders.sink import Written
from tests.contract.sinks import connected

RELEASE = Entity.RELEASE
ALL = Range(index=0, ranges=1, first=0, last=2**31, bitmap=b"", count=0, total=0)


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[PostgresSink]:
    sink = PostgresSink(load_settings(postgres_url=url, **settings).sink("postgres"))
    try:
        await sink.open()
        yield sink
    finally:
        await sink.close()


def headers(entity: Entity = RELEASE, run: int = 1) -> Headers:
    return Headers(kind=Kind.BATCH, entity=entity, run=run, dump=20260801, count=0)


def record(record_id: int, fingerprint: int, data: RecordData) -> Record:
    return {"id": record_id, "fingerprint": fingerprint, "data": data}


async def write(
    sink: PostgresSink, *records: Record, entity: Entity = RELEASE, run: int = 1
) -> Written:
    await sink.bookkeeping.advance(headers(entity, run))
    return await sink.content.write(headers(entity, run), records)


async def ask(url: str, query: str, *arguments: object) -> Any:
    """Return the only value of a query."""
    async with connected(url) as connection:
        return await connection.fetchval(query, *arguments)


async def index_names(url: str) -> set[str]:
    query = """
        SELECT array_agg(indexname) FROM pg_indexes
        WHERE schemaname = 'discogs' AND tablename NOT IN ('deletion', 'change')
    """
    return set(await ask(url, query))


async def row_counts(url: str, entity: Entity) -> dict[str, int]:
    return {
        table: await ask(url, f"SELECT count(*) FROM discogs.{table}")  # noqa: S608
        for table in TABLES[entity]
    }


def assert_taken_for(error: BaseException, row: type[WaxlineError], state: str) -> None:
    """Look at the class, and at the server's own word for the error."""
    assert type(error) is row, error
    assert getattr(error.__cause__, "sqlstate", None) == state, error
