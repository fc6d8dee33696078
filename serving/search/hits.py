"""What search has found: hits in one order over all kinds of records, and where a page ends."""

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from common.entities import Entity
from serving.answers import AsOf

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

_CURSOR = struct.Struct(">BBhHBI")


class Step(IntEnum):
    """By which step hits were found."""

    WORDS = 1
    BEGINNING = 2
    CORRECTED = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found; ``shown`` is what else is said of it at a glance."""

    entity: Entity
    id: int
    name: str
    place: Place
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page: the next one begins after that place, in what the same step finds."""

    step: Step
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits in their order, and where the next one begins, None: there is none.

    ``total`` is how many there are on all pages, 1,000 of each kind of record at most;
    ``corrected`` is what was looked for instead of the words asked, empty: those themselves.
    """

    hits: tuple[Hit, ...]
    total: int
    step: Step = Step.WORDS
    corrected: str = ""
    after: Cursor | None = None
    as_of: tuple[AsOf, ...] = ()


class CursorError(ValueError):
    """A cursor that is none of ours."""


def encode_cursor(cursor: Cursor) -> str:
    """Return a cursor as text."""
    packed = _CURSOR.pack(cursor.step, *cursor.place)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """Return the cursor that a text is; raise `CursorError` for any other text."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        step, match, less, apart, kind, id_ = _CURSOR.unpack(packed)
        return Cursor(Step(step), (match, less, apart, kind, id_))
    except (binascii.Error, struct.error, ValueError) as error:
        raise CursorError("the cursor is none of a search") from error
