"""Updates the own rows of changed records, and of their children replaces those that differ.

Of a changed record nearly all child rows stay the same, and each one written again costs its pages
in the write-ahead log, those of its indexes too.  So they are read and compared: as the bytes that
the server and the compiled encoder make of a row alike, or as Python's rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from common.entities import Entity
from common.errors import TerminalError, TransientError
from common.postgres.database import Session
from common.postgres.errors import bad_values, translate
from common.records import Record
from common.records.tables import TABLES, key_of, table_of
from loaders.postgres.copying import copy_from, count_in
from loaders.postgres.encoding import Encoded, Encoding, Place
from loaders.postgres.rows import Row, Rows
from loaders.postgres.sql import Statements

_TRIES = 2
"""The second is for rows that another session has replaced while the first waited for them."""


class NoTemporaryTablesError(TransientError):
    """The database forbids to make temporary tables."""


async def update_from_rows(
    session: Session,
    sql: Statements,
    entity: Entity,
    records: Sequence[Record],
    rows: Sequence[Row],
    *,
    document: bool,
) -> None:
    """Give the records' own rows their new values, in place.

    People refer to these rows by foreign keys and add columns to their tables.  With the rows
    locked by it, no other session touches their children.  Raises `TransientError` when another
    one had some of them first, `TerminalError` when the database keeps them as they are.
    """
    columns = table_of(entity, document=document).columns
    statement = sql.of_columns("update_own", entity, columns)
    with bad_values(entity.value):
        await _update(session, sql, entity, records, statement, *zip(*rows, strict=True))


async def update_from_bytes(
    session: Session,
    sql: Statements,
    entity: Entity,
    records: Sequence[Record],
    encoded: bytes,
    *,
    document: bool,
) -> None:
    """Do the same with rows that an encoding has encoded, by way of a temporary table.

    A session makes it once.  That holds back no VACUUM of the server for long: the pool renews a
    session that is idle, and one that has done much.
    """
    columns = table_of(entity, document=document).columns
    try:
        every = table_of(entity, document=True).columns
        await session.execute(sql.of_columns("make_given", entity, every))
    except asyncpg.PostgresError as error:  # no right to, or an event trigger
        if isinstance(translate(error, "pg_temp"), TransientError):
            raise
        raise NoTemporaryTablesError(f"temporary tables cannot be made: {error}") from error
    await session.copy_to_table(
        f"waxline_{entity}",
        schema_name="pg_temp",
        columns=[column.name for column in columns],
        source=memoryview(encoded),  # type: ignore[arg-type]  # of buffers the stubs know nothing
        format="binary",
    )
    await _update(session, sql, entity, records, sql.of_columns("update_given", entity, columns))


async def _update(
    session: Session,
    sql: Statements,
    entity: Entity,
    records: Sequence[Record],
    statement: str,
    *values: Sequence[Any],
) -> None:
    updated = 0
    for _ in range(_TRIES):
        updated += count_in(await session.execute(statement, *values))
        if updated == len(records):
            return
    ids = [record["id"] for record in records]
    fingerprints = [record["fingerprint"] for record in records]
    if await session.fetchval(sql("stands_otherwise", entity), ids, fingerprints):
        raise TerminalError("a trigger of the database keeps the row as it is")
    raise TransientError("another session has just written some of these records")


async def without_equal_rows(
    session: Session, sql: Statements, entity: Entity, ids: Sequence[int], rows: Rows
) -> Rows:
    """Delete the child rows that differ from those wanted; return the rows to copy."""
    differing = {}
    for table, columns in _children(entity).items():
        found = await session.fetch(sql.of_table("places", table, columns), ids)
        stale, differing[table] = _compare(found, rows[table], len(key_of(columns)))
        await _delete(session, sql, table, columns, stale)
    return differing


async def without_equal_bytes(
    session: Session,
    sql: Statements,
    entity: Entity,
    ids: Sequence[int],
    encoding: Encoding,
    encoded: Encoded,
) -> Encoded:
    """Do the same with rows that an encoding has encoded."""
    differing = {}
    for table, columns in _children(entity).items():
        held = await copy_from(session, sql.of_table("places", table, columns), ids)
        stale, missing = encoding.compare(held, encoded.get(table, b""))
        await _delete(session, sql, table, columns, stale)
        if missing:
            differing[table] = missing
    return differing


def _children(entity: Entity) -> Mapping[str, Sequence[str]]:
    return {name: columns for name, columns in TABLES[entity].items() if name != entity.value}


def _compare(
    found: Sequence[asyncpg.Record], rows: Sequence[Row], length: int
) -> tuple[list[Place], list[Row]]:
    """Return the places of rows that are not wanted, and the rows to copy; a key of so many
    columns begins them, after the place of those found."""
    held = {row[1 : 1 + length]: row for row in found}
    wanted = {row[:length]: row for row in rows}
    stale = [row[0] for key, row in held.items() if row[1:] != wanted.get(key)]
    return stale, [row for key, row in wanted.items() if key not in held or held[key][1:] != row]


async def _delete(
    session: Session, sql: Statements, table: str, columns: Sequence[str], stale: Sequence[Place]
) -> None:
    if stale:
        await session.execute(sql.of_table("delete_places", table, columns), stale)
