"""What search has found: hits in one order over all kinds of records, and where a page ends."""

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from common.entities import Entity

Place: TypeAlias = tuple[int, int, int, int, int]
"""Where a hit stands: how its name matches, how popular it is (less first), how much longer or
shorter its name is than what was asked, its kind of record, its id."""

KINDS: Mapping[Entity, int] = {
    Entity.ARTIST: 0,
    Entity.MASTER: 1,
    Entity.RELEASE: 2,
    Entity.LABEL: 3,
}
"""The order of hits that are alike."""

_PLACE = struct.Struct(">BhHBI")
_LONGEST = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found; ``shown`` is what else is said of it at a glance."""

    entity: Entity
    id: int
    name: str
    place: Place
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits in their order.

    ``total`` is how many there are on all pages, 1,000 of each kind of record at most;
    ``corrected`` is what was looked for instead of the words asked, empty: those themselves.
    """

    hits: tuple[Hit, ...]
    total: int
    corrected: str = ""


class CursorError(ValueError):
    """A cursor that is none of ours."""


def encode_cursor(place: Place) -> str:
    """Return the cursor that goes on after a place."""
    match, less, apart, kind, id_ = place
    packed = _PLACE.pack(match, less, min(apart, _LONGEST), kind, id_)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_cursor(text: str) -> Place:
    """Return the place that a cursor stands for; raise `CursorError` for any other text."""
    try:
        packed = base64.b64decode(f"{text}==", altchars=b"-_", validate=True)
        match, less, apart, kind, id_ = _PLACE.unpack(packed)
    except (binascii.Error, struct.error, ValueError) as error:
        raise CursorError("the cursor is none of this search") from error
    return (match, less, apart, kind, id_)
