"""A graph sink to write with, and what its graph then holds."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, LiteralString

from common.entities import Entity
from common.messages import Headers, Kind, Range
from common.records import Record, RecordData, Release
from config.settings import load_settings
from loaders.neo4j import GraphSink
from tests.servers import graph_driver

DEADLINE = 20.0
ALL = Range(index=0, ranges=1, first=0, last=65_536, bitmap=b"", count=0, total=0)
FULL: Release = {
    "title": "Stockholm",
    "artists": [{"id": 1, "join": "&"}, {"name": "not linked"}, {"id": 2, "anv": "P"}],
    "labels": [{"id": 5, "catno": "SK032"}, {"id": 5, "catno": "SK032"}, {"id": 5}],
    "credits": [{"id": 7, "role": "Mixed By", "tracks": "A1"}, {"id": 7, "role": "Producer"}],
    "formats": [{"name": "Vinyl"}, {"name": "CD"}],
    "genres": ["Electronic"],
    "styles": ["House"],
    "master_id": 9,
    "is_main_release": True,
    "tracks": [{"position": "A", "credits": [{"id": 8, "role": "Vocals"}]}],
}


@asynccontextmanager
async def opened(url: str, **settings: object) -> AsyncIterator[GraphSink]:
    sink = GraphSink(load_settings(graph_url=url, **settings).sink("neo4j"))
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


def ask(url: str, statement: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
    """Ask the graph beside the sink."""
    with graph_driver(url) as driver:
        database = url.rpartition("/")[2]
        rows = driver.execute_query(statement, parameters, database_=database)[0]
    return [row.data() for row in rows]


def headers(entity: Entity = Entity.RELEASE, run: int = 1) -> Headers:
    return Headers(kind=Kind.BATCH, entity=entity, run=run, dump=20260801, count=0)


def record(record_id: int, data: RecordData, fingerprint: int = 1) -> Record:
    return {"id": record_id, "fingerprint": fingerprint, "data": data}


async def load(
    sink: GraphSink, entity: Entity, records: Mapping[int, RecordData], fingerprint: int = 1
) -> None:
    await sink.bookkeeping.advance(headers(entity))
    batch = [record(record_id, data, fingerprint) for record_id, data in records.items()]
    await sink.content.write(headers(entity), batch)


def edges(url: str) -> set[tuple[Any, ...]]:
    rows = ask(
        url,
        "MATCH (x)-[e]->(y) RETURN labels(x)[0] AS a, coalesce(x.id, x.name) AS x, type(e) AS e,"
        " labels(y)[0] AS b, coalesce(y.id, y.name) AS y, properties(e) AS p",
    )
    found = [(*(row[key] for key in "axeby"), tuple(sorted(row["p"].items()))) for row in rows]
    assert len(found) == len(set(found))
    return set(found)


def stubs(url: str) -> set[tuple[str, int]]:
    rows = ask(
        url,
        "MATCH (x) WHERE x.id IS NOT NULL AND x.fingerprint IS NULL AND x.key IS NULL"
        " RETURN labels(x)[0] AS label, x.id AS id",
    )
    return {(row["label"], row["id"]) for row in rows}
