"""Compares all tables of PostgreSQL's schema ``discogs`` with what they must hold."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import asyncpg

from common.entities import Entity
from tests.oracle.differences import Difference, Fields, by_key, compare
from tests.oracle.history import Truth
from tests.oracle.release_rows import release_rows
from tests.oracle.rows import TableRow, artist_rows, label_rows, master_rows

DEADLINE = 60.0

_ROWS: dict[Entity, Callable[[Element, dict[str, Any]], Iterator[TableRow]]] = {
    Entity.ARTIST: artist_rows,
    Entity.LABEL: label_rows,
    Entity.MASTER: master_rows,
    Entity.RELEASE: release_rows,
}
_OF_TRACKS = ("release_track_artist", "release_track_credit")
_DELETION = "deletion"
_TABLES = (
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = 'discogs' AND table_type = 'BASE TABLE' "
    "AND table_name <> 'change' AND table_name !~ '_(search|word)$'"
)
"""What was told of the changes depends on how batches were cut."""


async def compare_postgres(url: str, truth: Truth) -> list[Difference]:
    """Return all differences between the database and the truth."""
    expected = expected_rows(truth)
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=DEADLINE)
    try:
        tables = {row["table_name"] for row in await connection.fetch(_TABLES)}
        differences: list[Difference] = []
        for table in sorted(tables | expected.keys()):
            found = await _read(connection, table) if table in tables else []
            rows = by_key(table, found, _key(table))
            differences += compare(table, by_key(table, expected[table], _key(table)), rows)
        return differences
    finally:
        await connection.close(timeout=DEADLINE)


def expected_rows(truth: Truth) -> defaultdict[str, list[Fields]]:
    """Return the rows of each table, without fingerprints."""
    rows: defaultdict[str, list[Fields]] = defaultdict(list)
    for entity, records in truth.records.items():
        for number, held in records.items():
            own = {"id": number, "dump": held.dump}
            for table, row in _ROWS[entity](held.element, own):
                rows[table].append(row)
    for entity, number, dump in truth.deletions:
        rows[_DELETION].append({"entity": entity.value, "id": number, "dump": dump})
    return rows


def _key(table: str) -> tuple[str, ...]:
    if table in tuple(Entity):
        return ("id",)
    if table == _DELETION:
        return ("entity", "id", "dump")
    parent = "group" if table == "group_member" else table.partition("_")[0]
    return (f"{parent}_id", *(["track_sequence"] if table in _OF_TRACKS else []), "sequence")


async def _read(connection: "asyncpg.Connection[Any]", table: str) -> list[Fields]:
    """Read a table; a fingerprint must be there, whatever it is, and a document is no content.

    Columns whose names begin with ``my_`` are people's own.
    """
    found: list[Fields] = []
    async with connection.transaction(readonly=True):
        async for record in connection.cursor(f"SELECT * FROM discogs.{table}"):  # noqa: S608
            row = {name: value for name, value in record.items() if not name.startswith("my_")}
            if table in tuple(Entity):
                assert row.pop("fingerprint"), f"{table} {row['id']} has no fingerprint"
                row.pop("document")
            found.append(row)
    return found
