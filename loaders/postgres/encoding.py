"""Rows as the bytes of binary COPY, where the compiled encoder is installed and knows the batch."""

from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from typing import Any, TypeAlias

from common.compiled import find_compiled
from common.entities import Entity
from common.records import Record
from loaders.postgres.tables import Kind, Row, table_of

ENCODER = "loaders.postgres.compiled"

Encoded: TypeAlias = Mapping[str, bytes]
"""What to COPY by table, the entity's own table first."""

Place: TypeAlias = tuple[int, ...]
"""A ctid: the page of a row, and its number there."""

_PLACE = Struct(">4xIH")
"""A ctid as binary COPY has it, after its length."""

_LENGTH = Struct(">i")  # of a value; negative: NULL

HEADER_LENGTH = 19  # bytes
_COLUMNS_LENGTH = 2  # bytes, before each row
_END = b"\xff\xff"

Reader: TypeAlias = Callable[[bytes], Any]


def _number(value: bytes) -> int:
    return int.from_bytes(value, signed=True)


_READERS: Mapping[Kind, Reader] = {
    **dict.fromkeys((Kind.RECORD, Kind.DUMP, Kind.FINGERPRINT, Kind.NUMBER, Kind.SHORT), _number),
    Kind.FLAG: lambda value: value == b"\1",
    Kind.TEXT: bytes.decode,
    Kind.DOCUMENT: lambda value: value[1:].decode(),  # after its version
}
"""Of what an entity's own table may have; numbers are big-endian."""


class Encoding:
    """Encodes batches of all entities, or none where it is not wanted or cannot be had."""

    def __init__(self, *, compiled: bool, document: bool) -> None:
        self._document = document
        make = find_compiled(ENCODER, "Encoder") if compiled else None
        self._rows_of: Any = find_compiled(ENCODER, "rows_of") if compiled else None
        self._encoders = (
            {entity: make(table_of(entity, document=document)) for entity in Entity} if make else {}
        )

    def encode(self, entity: Entity, records: Sequence[Record], dump: int) -> Encoded | None:
        """Return the rows of a batch, or None: then `loaders.postgres.rows` has to make them."""
        encoder = self._encoders.get(entity)
        encoded: Encoded | None = encoder.encode(records, dump) if encoder else None
        return encoded

    def compare(self, held: bytes, wanted: bytes) -> tuple[list[Place], bytes]:
        """Return the places of rows that are held and not wanted, and what is left to COPY.

        ``held`` is a table's binary COPY, each row after its ctid; ``wanted`` is what the encoder
        has made for it, b"" where that is nothing.
        """
        places = {row[_PLACE.size :]: row[: _PLACE.size] for row in self._rows_of(held)}
        missing = [row for row in self._rows_of(wanted) if places.pop(row, None) is None]
        stale = [_PLACE.unpack(place) for place in places.values()]
        if not missing:
            return stale, b""
        header, columns = wanted[:HEADER_LENGTH], wanted[HEADER_LENGTH:][:_COLUMNS_LENGTH]
        return stale, header + b"".join(columns + row for row in missing) + _END

    def own_rows(self, entity: Entity, encoded: bytes) -> list[Row]:
        """Return the values of rows that `encode` has encoded for an entity's own table."""
        columns = table_of(entity, document=self._document).columns
        readers = [_READERS[column.kind] for column in columns]
        return [_values(readers, row) for row in self._rows_of(encoded)]


def _values(readers: Sequence[Reader], row: bytes) -> Row:
    values: list[Any] = []
    at = 0
    for read in readers:
        (length,) = _LENGTH.unpack_from(row, at)
        at += _LENGTH.size
        if length < 0:
            values.append(None)
        else:
            values.append(read(row[at : at + length]))
            at += length
    return tuple(values)
