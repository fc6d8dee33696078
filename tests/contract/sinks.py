"""The sinks that the contract runs on, and how a test looks behind each of them.

A new sink adds one entry to `HARNESSES`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, Protocol

import asyncpg
import pytest
from asyncpg import Connection

from common.entities import Entity
from common.records.tables import TABLES
from config.settings import load_settings
from loaders.neo4j import GraphSink
from loaders.neo4j.schema import LABELS
from loaders.postgres import PostgresSink
from loaders.sink import Sink
from tests.fakes.database import MemoryDatabase
from tests.fakes.sink import MemorySink
from tests.isolation import wipe_graph
from tests.servers import graph_driver

DEADLINE = 20.0


@dataclass(frozen=True)
class HeldRelease:
    """What a sink holds of a release: the title, the linked artists and the genres, in order."""

    title: str | None
    artists: tuple[int, ...]
    genres: tuple[str, ...]


class Harness(Protocol):
    """One database, empty at first, whatever kind it is."""

    def sink(self) -> Sink:
        """Return a new sink on this database, not opened yet."""

    async def release(self, record_id: int) -> HeldRelease | None:
        """Return what the database holds of a release, None when it is not there."""

    async def pieces(self, entity: Entity, record_id: int) -> int:
        """Return how many rows, or node and edges, the database holds of a record: 0 for none.

        A stub, that is a node others point at, is no piece of its record.
        """

    async def deletions(self) -> set[tuple[Entity, int, int]]:
        """Return what the database notes of deletions: entity, id and dump."""

    async def recreate(self) -> None:
        """Empty the database of everything, as if it were a new one."""


class PostgresHarness:
    """A PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self._url = url

    def sink(self) -> Sink:
        """Return a new sink on this database, not opened yet."""
        return PostgresSink(load_settings(postgres_url=self._url).sink("postgres"))

    async def release(self, record_id: int) -> HeldRelease | None:
        """Read a release by its tables."""
        async with connected(self._url) as connection:
            row = await connection.fetchrow(
                """
                SELECT title,
                    ARRAY(SELECT artist_id FROM discogs.release_artist
                          WHERE release_id = id AND artist_id IS NOT NULL ORDER BY sequence),
                    ARRAY(SELECT genre FROM discogs.release_genre
                          WHERE release_id = id ORDER BY sequence)
                FROM discogs.release WHERE id = $1
                """,
                record_id,
            )
        return HeldRelease(row[0], tuple(row[1]), tuple(row[2])) if row else None

    async def pieces(self, entity: Entity, record_id: int) -> int:
        """Count the rows of a record in all tables of its entity."""
        async with connected(self._url) as connection:
            return sum(
                [
                    await connection.fetchval(
                        f"SELECT count(*) FROM discogs.{table} WHERE {columns[0]} = $1",  # noqa: S608
                        record_id,
                    )
                    for table, columns in TABLES[entity].items()
                ]
            )

    async def deletions(self) -> set[tuple[Entity, int, int]]:
        """Read the table of deletions."""
        async with connected(self._url) as connection:
            rows = await connection.fetch("SELECT entity, id, dump FROM discogs.deletion")
        return {(Entity(row[0]), row[1], row[2]) for row in rows}

    async def recreate(self) -> None:
        """Drop both schemas."""
        async with connected(self._url) as connection:
            await connection.execute("DROP SCHEMA IF EXISTS discogs, waxline CASCADE")


class GraphHarness:
    """A graph: Neo4j's only database, or an ArcadeDB."""

    def __init__(self, url: str) -> None:
        self._url = url

    def sink(self) -> Sink:
        """Return a new sink on this database, not opened yet."""
        return GraphSink(load_settings(graph_url=self._url).sink("neo4j"))

    async def release(self, record_id: int) -> HeldRelease | None:
        """Read a release by its edges; genres have no order but that of their names."""
        row = self._row(
            """
            OPTIONAL MATCH (x:Release {id: $id}) WHERE x.fingerprint IS NOT NULL
            OPTIONAL MATCH (x)-[by:BY]->(a:Artist) WITH x, by, a ORDER BY by.position
            WITH x, collect(a.id) AS artists
            OPTIONAL MATCH (x)-[:IS]->(g:Genre) WITH x, artists, g ORDER BY g.name
            RETURN x.id AS id, x.title AS title, artists, collect(g.name) AS genres
            """,
            record_id,
        )
        if row["id"] is None:
            return None
        return HeldRelease(row["title"], tuple(row["artists"]), tuple(row["genres"]))

    async def pieces(self, entity: Entity, record_id: int) -> int:
        """Count a record's node and the edges that go out from it."""
        row = self._row(
            f"""
            MATCH (x:{LABELS[entity]} {{id: $id}}) WHERE x.fingerprint IS NOT NULL
            OPTIONAL MATCH (x)-[e]->()
            RETURN count(DISTINCT x) + count(e) AS pieces
            """,
            record_id,
        )
        return int(row["pieces"])

    async def deletions(self) -> set[tuple[Entity, int, int]]:
        """Read the nodes about deletions."""
        statement = "MATCH (d:WaxlineDeletion) RETURN collect([d.entity, d.id, d.dump]) AS found"
        found = self._row(statement, 0)["found"]
        return {(Entity(entity), number, dump) for entity, number, dump in found}

    async def recreate(self) -> None:
        """Delete every node, edge, constraint and index."""
        wipe_graph(self._url)

    def _row(self, statement: LiteralString, record_id: int) -> dict[str, Any]:
        with graph_driver(self._url) as driver:
            records, _, _ = driver.execute_query(
                statement, id=record_id, database_=self._url.rpartition("/")[2]
            )
        return records[0].data()


class MemoryHarness:
    """The fake, held to what it stands in for."""

    def __init__(self) -> None:
        self._database = MemoryDatabase()

    def sink(self) -> Sink:
        """Return a new sink on this database."""
        return MemorySink(self._database)

    async def release(self, record_id: int) -> HeldRelease | None:
        """Read a release from its record."""
        row = self._database.tables[Entity.RELEASE].rows.get(record_id)
        if row is None:
            return None
        data: Any = row.data
        artists = tuple(artist["id"] for artist in data.get("artists", ()))
        return HeldRelease(data["title"], artists, tuple(data.get("genres", ())))

    async def pieces(self, entity: Entity, record_id: int) -> int:
        """Count a record as one piece."""
        return int(record_id in self._database.tables[entity].rows)

    async def deletions(self) -> set[tuple[Entity, int, int]]:
        """Return what is noted of deletions."""
        tables = self._database.tables
        return {(entity, *one) for entity in tables for one in tables[entity].deletions}

    async def recreate(self) -> None:
        """Lose everything."""
        self._database.recreate()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["Connection[asyncpg.Record]"]:
    """Have a connection beside the sink's own."""
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=DEADLINE)
    try:
        yield connection
    finally:
        await connection.close(timeout=DEADLINE)


def _postgres(request: pytest.FixtureRequest) -> Harness:
    return PostgresHarness(request.getfixturevalue("postgres_url"))


def _neo4j(request: pytest.FixtureRequest) -> Harness:
    return GraphHarness(request.getfixturevalue("neo4j_url"))


def _arcadedb(request: pytest.FixtureRequest) -> Harness:
    return GraphHarness(request.getfixturevalue("arcadedb_url"))


def _memory(request: pytest.FixtureRequest) -> Harness:
    del request
    return MemoryHarness()


HARNESSES: Mapping[str, Callable[[pytest.FixtureRequest], Harness]] = {
    "postgres": _postgres,
    "neo4j": _neo4j,
    "arcadedb": _arcadedb,
    "memory": _memory,
}
