"""What the two real databases hold, as a simulation compares, keeps and puts it back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol

import asyncpg
import neo4j

from config.settings import load_settings
from loaders.neo4j import GraphSink
from loaders.postgres import PostgresSink
from loaders.sink import Sink
from tests.oracle.graph import session_of

DEADLINE = 60.0  # s

Backup = Any
"""What a database gives to be put back later."""


@dataclass(frozen=True)
class Content:
    """Artists as a database holds them: fingerprint, dump and name by id; pairs of aliases.

    ``stubs`` are nodes without a record; PostgreSQL has none.
    """

    records: Mapping[int, tuple[int, int, str]]
    aliases: frozenset[tuple[int, int]]
    deletions: frozenset[tuple[int, int]]
    stubs: frozenset[int] = field(default_factory=frozenset)


class RealDatabase(Protocol):
    """One database, and what a simulation does to it beside the sinks."""

    def sink(self) -> Sink:
        """Return a new sink on it, not opened yet."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Let go."""

    async def content(self) -> Content:
        """Return what it holds."""

    async def backup(self) -> Backup:
        """Copy everything, bookkeeping and identity included."""

    async def restore(self, backup: Backup) -> None:
        """Put a copy back, in place of everything."""

    async def recreate(self) -> None:
        """Lose everything: the next sink that is opened finds a new database."""


class RealPostgres:
    """A PostgreSQL database of our own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection[Any]

    def sink(self) -> Sink:
        """Return a new sink on it."""
        return PostgresSink(load_settings(postgres_url=self._url).sink("postgres"))

    async def open(self) -> None:
        """Connect; its statements are never cached, for tables come and go."""
        self._connection = await asyncpg.connect(
            self._url, timeout=DEADLINE, command_timeout=DEADLINE, statement_cache_size=0
        )

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.close(timeout=DEADLINE)

    async def content(self) -> Content:
        """Read the tables of the artists."""
        fetch = self._connection.fetch
        rows = await fetch("SELECT id, fingerprint, dump, name FROM discogs.artist")
        aliases = await fetch("SELECT artist_id, alias_id FROM discogs.artist_alias")
        deletions = await fetch("SELECT id, dump FROM discogs.deletion")
        return Content(
            {row[0]: tuple(row)[1:] for row in rows},
            frozenset(map(tuple, aliases)),
            frozenset(map(tuple, deletions)),
        )

    async def backup(self) -> dict[tuple[str, str], bytes]:
        """Copy every table."""
        found = {}
        for schema, table in await self._tables():
            rows = BytesIO()
            await self._connection.copy_from_table(
                table, schema_name=schema, output=rows, format="binary"
            )
            found[schema, table] = rows.getvalue()
        return found

    async def restore(self, backup: Backup) -> None:
        """Empty every table and fill it again."""
        async with self._connection.transaction():
            if tables := await self._tables():
                names = ", ".join(f"{schema}.{table}" for schema, table in tables)
                await self._connection.execute(f"TRUNCATE {names}")
            for (schema, table), rows in backup.items():
                await self._connection.copy_to_table(
                    table, schema_name=schema, source=BytesIO(rows), format="binary"
                )

    async def recreate(self) -> None:
        """Drop both schemas."""
        await self._connection.execute("DROP SCHEMA IF EXISTS discogs, waxline CASCADE")

    async def _tables(self) -> Collection[tuple[str, str]]:
        rows = await self._connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables "
            "WHERE schemaname IN ('discogs', 'waxline') ORDER BY 1, 2"
        )
        return [tuple(row) for row in rows]


class RealGraph:
    """A graph of our own; artists and their aliases are its only content."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: neo4j.AsyncSession
        self._context: Any = None

    def sink(self) -> Sink:
        """Return a new sink on it."""
        return GraphSink(load_settings(graph_url=self._url).sink("neo4j"))

    async def open(self) -> None:
        """Connect."""
        self._context = session_of(self._url)
        self._session = await self._context.__aenter__()

    async def close(self) -> None:
        """Disconnect."""
        await self._context.__aexit__(None, None, None)

    async def content(self) -> Content:
        """Read the nodes and edges of the artists."""
        nodes = await self._run(
            "MATCH (x:Artist) RETURN x.id, x.fingerprint, x.dump, x.name, size(keys(x))"
        )
        stubs = frozenset(node[0] for node in nodes if node[1] is None)
        assert all(node[4] == 1 for node in nodes if node[0] in stubs), "a stub has content"
        aliases = await self._run("MATCH (x)-[e]->(y) RETURN x.id, y.id")
        deletions = await self._run("MATCH (d:WaxlineDeletion) RETURN d.id, d.dump")
        assert len(set(aliases)) == len(aliases), "an edge is there twice"
        return Content(
            {node[0]: node[1:4] for node in nodes if node[0] not in stubs},
            frozenset(aliases),
            frozenset(deletions),
            stubs,
        )

    async def backup(self) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """Copy every node and every edge."""
        nodes = await self._run("MATCH (n) RETURN labels(n)[0], properties(n)")
        edges = await self._run("MATCH (x)-[e]->(y) RETURN x.id, y.id")
        return nodes, edges

    async def restore(self, backup: Backup) -> None:
        """Delete everything and make it again."""
        nodes, edges = backup
        await self.recreate()
        for label in {node[0] for node in nodes}:
            found = [properties for one, properties in nodes if one == label]
            await self._run(f"UNWIND $found AS p CREATE (n:{label}) SET n = p", found=found)
        await self._run(
            "UNWIND $edges AS e MATCH (x:Artist {id: e[0]}), (y:Artist {id: e[1]}) "
            "CREATE (x)-[:ALIAS_OF]->(y)",
            edges=[list(edge) for edge in edges],
        )

    async def recreate(self) -> None:
        """Delete every node, the one with the identity too."""
        await self._run("MATCH (n) DETACH DELETE n")

    async def _run(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        query = neo4j.Query(statement, timeout=DEADLINE)
        found = await self._session.run(query, parameters)
        return [tuple(record.values()) async for record in found]
