"""Rows into tables by binary COPY, and out of them.

A COPY of PostgreSQL 17 or newer pays for its first thousand rows by the square of their number:
a slot for each is noted in a hash under one and the same key.  The others reuse these slots, so
batches are of more than a thousand records.
"""

from collections.abc import Sequence

from common.entities import Entity
from loaders.postgres.database import Session
from loaders.postgres.encoding import Encoded
from loaders.postgres.errors import bad_values
from loaders.postgres.tables import Rows, columns_of


async def copy_rows(session: Session, entity: Entity, rows: Rows, *, document: bool) -> None:
    """Copy a batch, the entity's own table first: its key meets another session's at once.

    The driver cuts rows that are longer than their columns in silence: a test holds that
    `loaders.postgres.rows` makes rows as long as their table's columns.
    """
    for table, own in rows.items():
        if own:
            columns = columns_of(entity, table, document=document)
            with bad_values(table):
                await session.copy_records_to_table(
                    table, schema_name="discogs", columns=columns, records=own
                )


async def copy_encoded(
    session: Session, entity: Entity, encoded: Encoded, *, document: bool
) -> None:
    """Copy a batch that is encoded already."""
    for table, rows in encoded.items():
        await session.copy_to_table(
            table,
            schema_name="discogs",
            columns=columns_of(entity, table, document=document),
            source=memoryview(rows),  # type: ignore[arg-type]  # of buffers the stubs know nothing
            format="binary",
        )


async def copy_from(session: Session, statement: str, ids: Sequence[int]) -> bytes:
    """Return the rows of a statement as binary COPY gives them.

    COPY takes no parameters: the ids stand in the statement, in place of its ``$1``.
    """
    parts: list[bytes] = []

    async def keep(part: bytes) -> None:
        parts.append(part)

    spelt = ",".join(f"{record_id:d}" for record_id in ids)
    query = statement.replace("$1", f"'{{{spelt}}}'")
    await session.copy_from_query(query, output=keep, format="binary")
    return b"".join(parts)
