"""Reads rows back and compares them with what their records must give."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from common.entities import Entity
from common.postgres.database import Database, Session
from common.records import Record
from common.records.tables import TABLES, columns_of, key_of
from loaders.differences import Fields, Parts, compare_rows
from loaders.postgres.rows import Row, build
from loaders.postgres.sql import Statements

_NO_DUMP = 0


class PostgresReader:
    """Implements `loaders.sink.Reader`; ``document`` as the database is laid out."""

    def __init__(self, database: Database, sql: Statements, *, document: bool) -> None:
        self._database = database
        self._sql = sql
        self._document = document

    async def compare(self, entity: Entity, records: Sequence[Record]) -> Parts:
        """Compare the rows of records, table by table."""
        ordered = sorted(records, key=lambda record: record["id"])
        expected = build(entity, ordered, _NO_DUMP, document=self._document)
        ids = [record["id"] for record in ordered]
        parts: Parts = defaultdict(list)
        async with self._database.session() as session:
            for table, rows in expected.items():
                columns = columns_of(entity, table, document=self._document)
                found = await self._read(session, table, columns, ids)
                _note_differences(parts, table, columns, _readable(columns, rows), found)
        return dict(parts)

    async def ids(self, entity: Entity, first: int, last: int) -> list[int]:
        """Return the ids of rows, and of child rows that have lost theirs."""
        found: set[int] = set()
        async with self._database.session() as session:
            for table, columns in TABLES[entity].items():
                name = "own_ids" if table == entity.value else "child_ids"
                statement = self._sql.of_table(name, table, columns, entity)
                found.update(row["id"] for row in await session.fetch(statement, first, last))
        return sorted(found)

    async def fingerprints(self, entity: Entity, first: int, last: int) -> dict[int, int]:
        """Return fingerprints by id."""
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("fingerprints", entity), first, last)
        return {row["id"]: row["fingerprint"] for row in rows}

    async def _read(
        self, session: Session, table: str, columns: Sequence[str], ids: Sequence[int]
    ) -> list[Row]:
        statement = self._sql.of_table("read_rows", table, columns, selected=_masked(columns))
        found = [tuple(row) for row in await session.fetch(statement, ids)]
        return _readable(columns, found)


def _masked(columns: Sequence[str]) -> Sequence[str]:
    """Leave out what a record does not say: the dump that its row came with."""
    return [f"{_NO_DUMP} AS dump" if name == "dump" else name for name in columns]


def _note_differences(
    parts: Parts,
    table: str,
    columns: Sequence[str],
    expected: Sequence[Row],
    found: Sequence[Row],
) -> None:
    """Add what differs; nearly always nothing does, and the rows are in the same order."""
    if expected == found:
        return
    ours, theirs = (_by_record(columns, rows) for rows in (expected, found))
    places = key_of(columns)[1:]
    for record_id in sorted(ours.keys() | theirs.keys()):
        one, other = ours[record_id], theirs[record_id]
        if one != other:
            parts[record_id].extend(compare_rows(table, places, one, other))


def _by_record(columns: Sequence[str], rows: Sequence[Row]) -> defaultdict[int, list[Fields]]:
    found: defaultdict[int, list[Fields]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(dict(zip(columns[1:], row[1:], strict=True)))
    return found


def _readable(columns: Sequence[str], rows: list[Row]) -> list[Row]:
    """Return rows with their documents decoded: jsonb keeps neither order nor spaces."""
    if columns[-1] != "document":
        return rows
    return [(*row[:-1], _decoded(row[-1])) for row in rows]


def _decoded(document: str | None) -> Any:
    return None if document is None else orjson.loads(document)
