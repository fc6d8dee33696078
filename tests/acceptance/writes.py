"""What a load wrote, asked of the databases: rows by their transactions, edges by their ids."""

from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Any

import asyncpg
import neo4j
import tenacity

from common.entities import Entity
from tests.oracle import Truth
from tests.oracle.graph import DEADLINE, session_of
from tests.oracle.postgres import expected_rows

Row = tuple[str, int, str]
"""A row of PostgreSQL: its table, the id of its record, and all that it holds."""

Edges = frozenset[tuple[str, str]]
"""The edges that go out from records: the server's own id of each, and all that it says."""

_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'discogs' AND table_type = 'BASE TABLE'
    AND table_name !~ '(_search|_word|^change)$'
"""
_TALLIES = """
SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables
WHERE schemaname = 'discogs' AND relname !~ '(_search|_word|^change)$'
    AND n_tup_ins + n_tup_upd + n_tup_del > 0
"""
_EDGES = """
MATCH (x)-[e]->(y) WHERE x.dump IS NOT NULL
RETURN elementId(e), labels(x), x.id, type(e), labels(y), coalesce(y.id, y.name), properties(e)
"""
_FLUSH_SECONDS = 15.0
_DELETION = "deletion"


class Tallies:
    """Rows that were inserted, updated and deleted over several months, table by table.

    An entity's own row is updated, one of a list replaced.
    """

    def __init__(self) -> None:
        self.inserted: Counter[str] = Counter()
        self.updated: Counter[str] = Counter()
        self.deleted: Counter[str] = Counter()

    def add(self, before: AbstractSet[Row], after: AbstractSet[Row], gone: int) -> None:
        """Count a month of one entity, of whose records some are ``gone``."""
        new, old = after - before, before - after
        changed = {row[:2] for row in new} & {row[:2] for row in old if row[0] in tuple(Entity)}
        self.updated.update(table for table, _ in changed)
        self.inserted.update(row[0] for row in new if row[:2] not in changed)
        self.deleted.update(row[0] for row in old if row[:2] not in changed)
        self.inserted[_DELETION] += gone

    def as_rows(self) -> dict[str, tuple[int, int, int]]:
        """Return rows inserted, updated and deleted of every table that had any."""
        kinds = (self.inserted, self.updated, self.deleted)
        tables = {table for kind in kinds for table in kind}
        found = {
            table: (self.inserted[table], self.updated[table], self.deleted[table])
            for table in tables
        }
        return {table: counts for table, counts in found.items() if any(counts)}


def rows_of(truth: Truth) -> dict[Entity, set[Row]]:
    """Return the rows there have to be, by entity; one that is written anew differs."""
    found: dict[Entity, set[Row]] = {entity: set() for entity in Entity}
    for table, rows in expected_rows(truth).items():
        if entity := _entity(table):
            parent = _parent(table)
            found[entity].update((table, row[parent], repr(sorted(row.items()))) for row in rows)
    return found


def _parent(table: str) -> str:
    if table in tuple(Entity):
        return "id"
    return "group_id" if table == "group_member" else f"{_entity(table)}_id"


def _entity(table: str) -> Entity | None:
    """Return whose table it is; None of the one that notes deletions."""
    if table == _DELETION:
        return None
    return Entity.ARTIST if table == "group_member" else Entity(table.partition("_")[0])


class PostgresWrites:
    """Tells the rows that transactions since some moment have written, and that are there."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection
        self._since = 0

    async def begin(self) -> None:
        """Look at what is written from now on."""
        self._since = await self._connection.fetchval("SELECT pg_current_xact_id()::text::bigint")

    async def rows(self, entity: Entity) -> Counter[tuple[str, int]]:
        """Return the rows of an entity that have been written since: of each table and record."""
        found: Counter[tuple[str, int]] = Counter()
        for (table,) in await self._connection.fetch(_TABLES):
            if _entity(table) is entity:
                parent = _parent(table)
                counts = await self._connection.fetch(
                    f"SELECT {parent}, count(*) FROM discogs.{table} "  # noqa: S608
                    "WHERE xmin::text::bigint >= $1 GROUP BY 1",
                    self._since,
                )
                found.update({(table, number): count for number, count in counts})
        return found

    async def tallies(self, expected: dict[str, tuple[int, int, int]]) -> dict[str, Any]:
        """Return the server's own count of rows inserted, updated and deleted, by table.

        Its processes tell it when they end: it is asked until it is what is expected, or a time.
        """
        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda found: found != expected),
            wait=tenacity.wait_fixed(0.1),
            stop=tenacity.stop_after_delay(_FLUSH_SECONDS),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        found: dict[str, Any] = await asking(self._tallies)
        return found

    async def _tallies(self) -> dict[str, tuple[int, int, int]]:
        return {row[0]: tuple(row)[1:] for row in await self._connection.fetch(_TALLIES)}


async def changed_rows(
    connection: "asyncpg.Connection[Any]", entity: Entity, dump: int
) -> set[int]:
    """Return what changed in a month, as a reader of the tables would ask."""
    statement = f"SELECT id FROM discogs.{entity} WHERE dump = $1"  # noqa: S608
    return {row[0] for row in await connection.fetch(statement, dump)}


async def changed_nodes(session: neo4j.AsyncSession, entity: Entity, dump: int) -> set[int]:
    """Return what changed in a month, as a reader of the graph would ask."""
    statement = f"MATCH (x:{entity.value.capitalize()}) WHERE x.dump = $dump RETURN x.id"
    found = await session.run(neo4j.Query(statement, timeout=DEADLINE), dump=dump)
    return {record[0] async for record in found}


async def edges_of(url: str) -> Edges:
    """Return the edges of all records: one that is made again has another id."""
    async with session_of(url) as session:
        found = await session.run(neo4j.Query(_EDGES, timeout=DEADLINE))
        return frozenset([_edge(*one.values()) async for one in found])


def _edge(edge_id: str, *says: Any) -> tuple[str, str]:
    *others, properties = says
    return edge_id, repr((*others, sorted(properties.items())))
