"""Makes way for the rows of changed records, and keeps those that stand as they must."""

from collections.abc import Sequence

from common.entities import Entity
from common.errors import TransientError
from loaders.postgres.database import Session
from loaders.postgres.sql import Statements
from loaders.postgres.tables import TABLES, Row, Rows, key_of


async def make_way(session: Session, sql: Statements, entity: Entity, rows: Rows) -> Rows:
    """Delete what differs from the rows of records that are held; return the rows to copy.

    Of a changed record nearly all child rows stay the same, and each one written again costs its
    pages in the write-ahead log, those of its indexes too.

    The records' own rows go first: with them locked, no other session touches their children.
    Raises `TransientError` when another one had them first.
    """
    own = rows[entity.value]
    ids = [row[0] for row in own]
    if len(await session.fetch(sql("delete_own", entity), ids)) < len(ids):
        raise TransientError("another session has just written some of these records")
    differing = {entity.value: own}
    for table, columns in TABLES[entity].items():
        if table != entity.value:
            differing[table] = await _differing(session, sql, table, columns, ids, rows[table])
    return differing


async def _differing(
    session: Session,
    sql: Statements,
    table: str,
    columns: Sequence[str],
    ids: Sequence[int],
    rows: Sequence[Row],
) -> list[Row]:
    length = len(key_of(columns))
    found = await session.fetch(sql.of_table("places", table, columns), ids)
    held = {row[1 : 1 + length]: row for row in found}
    wanted = {row[:length]: row for row in rows}
    stale = [row[0] for key, row in held.items() if row[1:] != wanted.get(key)]
    if stale:
        await session.execute(sql.of_table("delete_places", table, columns), stale)
    return [row for key, row in wanted.items() if key not in held or held[key][1:] != row]
