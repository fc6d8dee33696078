"""Rows as the bytes of binary COPY, where the compiled encoder is installed and knows the batch."""

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any, TypeAlias

from common.compiled import find_compiled
from common.entities import Entity
from common.records import Record
from common.records.tables import table_of

ENCODER = "loaders.postgres.compiled_encoder"

Encoded: TypeAlias = Mapping[str, bytes]
"""What to COPY by table, the entity's own table first."""

Place: TypeAlias = tuple[int, ...]
"""A ctid: the page of a row, and its number there."""

_PLACE = Struct(">4xIH")
"""A ctid as binary COPY has it, after its length."""

HEADER_LENGTH = 19  # bytes
_COLUMNS_LENGTH = 2  # bytes, before each row
_END = b"\xff\xff"


class Encoding:
    """Encodes batches of all entities, or none where it is not wanted or cannot be had."""

    def __init__(self, *, compiled: bool, document: bool) -> None:
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
