"""PostgreSQL's binary COPY in plain Python, after its documentation: what encoders must write."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from common.entities import Entity
from common.records.tables import Kind, table_of
from loaders.postgres.rows import Row, Rows

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
NO_FLAGS = NO_EXTENSION = struct.pack(">i", 0)
END = struct.pack(">h", -1)
NULL = struct.pack(">i", -1)
TEXT_TYPE = 25

NUMBERS: Mapping[Kind, str] = {Kind.FINGERPRINT: ">q", Kind.SHORT: ">h", Kind.FLAG: "?"}


def copied(entity: Entity, rows: Rows, *, document: bool = False) -> dict[str, bytes]:
    """Return what is to be copied, by table; raises what Python raises for what does not fit."""
    return {
        table.name: _table([column.kind for column in table.columns], rows[table.name])
        for table in table_of(entity, document=document).flat()
        if rows[table.name]
    }


def _table(kinds: Sequence[Kind], rows: Sequence[Row]) -> bytes:
    body = b"".join(_row(kinds, row) for row in rows)
    return SIGNATURE + NO_FLAGS + NO_EXTENSION + body + END


def _row(kinds: Sequence[Kind], row: Row) -> bytes:
    fields = (_field(kind, value) for kind, value in zip(kinds, row, strict=True))
    return struct.pack(">h", len(row)) + b"".join(fields)


def _field(kind: Kind, value: Any) -> bytes:
    if value is None:
        return NULL
    if kind in (Kind.TEXT, Kind.ITEM):
        return _measured(value.encode())
    if kind is Kind.DOCUMENT:
        return _measured(b"\1" + value.encode())
    if kind is Kind.TEXTS:
        return _measured(_array([_measured(text.encode()) for text in value]))
    return _measured(struct.pack(NUMBERS.get(kind, ">i"), value))


def _array(elements: Sequence[bytes]) -> bytes:
    dimensions, nulls, first = 1, 0, 1
    return struct.pack(">5i", dimensions, nulls, TEXT_TYPE, len(elements), first) + b"".join(
        elements
    )


def _measured(field: bytes) -> bytes:
    return struct.pack(">i", len(field)) + field
