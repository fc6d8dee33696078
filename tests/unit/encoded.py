"""Records encoded by both twins: the compiled encoder, and Python's rows written out plainly."""

import struct
from collections.abc import Sequence
from typing import Any

from common.entities import Entity
from common.errors import TerminalError
from common.records import Record
from loaders.postgres.encoding import ENCODER, Encoding
from loaders.postgres.rows import build
from tests.copy_format import copied
from tests.unit.compiled_parts import needed

DUMP = 20260801


def record(data: Any, number: int = 1) -> Any:
    """Return a record of this data."""
    return {"id": number, "fingerprint": -number, "data": data}


def encode(
    entity: Entity, records: Sequence[Record], *, document: bool = False
) -> dict[str, bytes] | None:
    """Encode records as the sink does."""
    needed(ENCODER, "Encoder")
    encoded = Encoding(compiled=True, document=document).encode(entity, records, DUMP)
    return None if encoded is None else dict(encoded)


def in_python(
    entity: Entity, records: Sequence[Record], *, document: bool = False
) -> dict[str, bytes] | None:
    """Return what Python's rows make to copy, None where they cannot be made or do not fit."""
    try:
        rows = build(entity, records, DUMP, document=document)
        return copied(entity, rows, document=document)
    except (AttributeError, TerminalError, TypeError, struct.error):
        return None
