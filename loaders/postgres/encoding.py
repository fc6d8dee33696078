"""Rows as the bytes of binary COPY, where the compiled encoder is installed and knows the batch."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from common.compiled import find_compiled
from common.entities import Entity
from common.records import Record
from loaders.postgres.tables import table_of

ENCODER = "loaders.postgres.compiled"

Encoded: TypeAlias = Mapping[str, bytes]
"""What to COPY by table, the entity's own table first."""


class Encoding:
    """Encodes batches of all entities, or none where it is not wanted or cannot be had."""

    def __init__(self, *, compiled: bool, document: bool) -> None:
        make = find_compiled(ENCODER, "Encoder") if compiled else None
        self._encoders = (
            {entity: make(table_of(entity, document=document)) for entity in Entity} if make else {}
        )

    def encode(self, entity: Entity, records: Sequence[Record], dump: int) -> Encoded | None:
        """Return the rows of a batch, or None: then `loaders.postgres.rows` has to make them."""
        encoder = self._encoders.get(entity)
        encoded: Encoded | None = encoder.encode(records, dump) if encoder else None
        return encoded
