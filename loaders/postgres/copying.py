"""Rows into tables by binary COPY, and out of them.

A COPY of PostgreSQL 17 or newer pays for its first thousand rows by the square of their number:
a slot for each is noted in a hash under one and the same key.  The others reuse these slots, so
batches are of more than a thousand records.
"""

from collections.abc import Sequence

from common.entities import Entity
from common.postgres.database import Session
from common.postgres.errors import bad_values
from common.records.tables import columns_of
from loaders.postgres.encoding import Encoded
from loaders.postgres.rows import Rows


async def copy_rows(session: Session, entity: Entity, rows: Rows, *, document: bool) -> int:
    """Copy a batch; return how many rows the entity's own table has taken.

    That one is the first of them: its key meets another session's at once.  The driver cuts rows
    that are longer than their columns in silence: a test holds that `loaders.postgres.rows` makes
    rows as long as their table's columns.
    """
    taken = 0
    for table, some in rows.items():
        if some:
            columns = columns_of(entity, table, document=document)
            with bad_values(table):
                said = await session.copy_records_to_table(
                    table, schema_name="discogs", columns=columns, records=some
                )
            taken += count_in(said) if table == entity.value else 0
    return taken


async def copy_encoded(
    session: Session, entity: Entity, encoded: Encoded, *, document: bool
) -> int:
    """Do the same with a batch that is encoded already."""
    taken = 0
    for table, rows in encoded.items():
        said = await session.copy_to_table(
            table,
            schema_name="discogs",
            columns=columns_of(entity, table, document=document),
            source=memoryview(rows),  # type: ignore[arg-type]  # of buffers the stubs know nothing
            format="binary",
        )
        taken += count_in(said) if table == entity.value else 0
    return taken


def count_in(said: str) -> int:
    """Return the number in what a server says of a COPY or an UPDATE that it has done."""
    return int(said.rpartition(" ")[2])


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
