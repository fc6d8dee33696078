"""The records cut out of a buffer: their bytes, their ids, and how they differ from what is held.

The compiled cutter makes stems of its own, in which a record is no object but while its bytes are
hashed, until somebody asks for it.  Those here are their twin, and what the scanner finds.
"""

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import xxhash

from common.entities import ID_LIMIT, Entity
from common.records import SCHEMA_VERSION
from common.run_rules import RANGE_SIZE
from common.store.protocol import BLOCK_SIZE
from extractor.framing.raw_records import RawRecord, RawRecords

_DIGITS = rb"([0-9]{1,10})"
# Until November 2024 the images of an artist or a label came first.
_IMAGES = rb"(?:<images>(?:<image [^<>]*/>)*</images>)?"
_STARTS = {
    Entity.ARTIST: re.compile(rb"<artist>" + _IMAGES + rb"<id>" + _DIGITS + rb"</"),
    Entity.LABEL: re.compile(rb"<label>" + _IMAGES + rb"<id>" + _DIGITS + rb"</"),
    Entity.MASTER: re.compile(rb'<master id="' + _DIGITS + rb'"'),
    Entity.RELEASE: re.compile(rb'<release id="' + _DIGITS + rb'"'),
}
"""How a record starts in every dump seen, up to its id."""

Again: TypeAlias = tuple[int, int, int]
"""A record whose id has been seen before: its place, its id, its unsigned fingerprint."""

Compared: TypeAlias = tuple[int, RawRecords, list[Again]]
"""How many records are as they are held; those that are not; and those that come again."""


class Held(Protocol):
    """The fingerprints that are held of a block of ids, by place in it; 0 where there is none."""

    @property
    def held(self) -> "Mapping[int, int] | array[int]":
        """What the store has."""

    def expect(self, place: int, fingerprint: int) -> None:
        """Note a record that is to be sent."""


class Seen(Protocol):
    """Which ids of a range have come, by place in it."""

    def add(self, place: int, fingerprint: int) -> bool:
        """Count a record, unless its id has come before: then return False."""


class Stems(Protocol):
    """Records, each from its ``<`` up to its end tag, which is left out: only those that have
    changed need it back."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> bytes: ...

    def offset(self, place: int) -> int:
        """Return where a record begins in the unpacked file, in bytes."""

    def doubtful(self) -> list[int]:
        """Return the places of records whose id is not where it is in every dump seen."""

    def set_id(self, place: int, record_id: int) -> None:
        """Set the id of a record; one without is left out of all that follows."""

    def blocks(self) -> set[int]:
        """Return the numbers of the blocks of ids that the records are in."""

    def compare(self, held: Mapping[int, Held], presence: Callable[[int], Seen]) -> Compared:
        """Compare with the fingerprints held, and expect what differs; count each record in the
        presence of its range, unless its id has been seen before.

        ``held`` has, by number, the blocks that `blocks` returns; ``presence`` takes the number of
        a range.
        """


class PlainStems:
    """Records of an entity that are objects already, with their offsets."""

    def __init__(self, entity: Entity, stems: Sequence[bytes], offsets: Sequence[int]) -> None:
        self._entity = entity
        self._stems = stems
        self._offsets = offsets
        self._ids = [glance(entity, stem) or 0 for stem in stems]

    def __len__(self) -> int:
        return len(self._stems)

    def __getitem__(self, place: int, /) -> bytes:
        return self._stems[place]

    def offset(self, place: int) -> int:
        """Return where a record begins."""
        return self._offsets[place]

    def doubtful(self) -> list[int]:
        """Return the places of records without an id."""
        return [place for place, record_id in enumerate(self._ids) if not record_id]

    def set_id(self, place: int, record_id: int) -> None:
        """Set the id of a record."""
        self._ids[place] = record_id

    def blocks(self) -> set[int]:
        """Return the numbers of the records' blocks."""
        return {record_id // BLOCK_SIZE for record_id in self._ids if record_id}

    def compare(self, held: Mapping[int, Held], presence: Callable[[int], Seen]) -> Compared:
        """Compare with the fingerprints held."""
        unchanged = 0
        changed: list[RawRecord] = []
        again: list[Again] = []
        for place, (record_id, stem) in enumerate(zip(self._ids, self._stems, strict=True)):
            if not record_id:
                continue
            fingerprint = fingerprint_of(stem)
            number, within = divmod(record_id, BLOCK_SIZE)
            if not presence(record_id // RANGE_SIZE).add(record_id % RANGE_SIZE, fingerprint):
                again.append((place, record_id, fingerprint))
            elif held[number].held[within] == fingerprint:
                unchanged += 1
            else:
                changed.append(RawRecord(record_id, fingerprint, self._offsets[place], stem))
                held[number].expect(within, fingerprint)
        return unchanged, RawRecords.of(self._entity, changed), again


def glance(entity: Entity, stem: bytes) -> int | None:
    """Return the id where it stands as it does in every dump seen, else None."""
    if (start := _STARTS[entity].match(stem)) and 0 < (number := int(start[1])) < ID_LIMIT:
        return number
    return None


def fingerprint_of(stem: bytes) -> int:
    """Return the unsigned fingerprint of a record's bytes; never 0, which means absent."""
    return xxhash.xxh3_64_intdigest(stem, SCHEMA_VERSION) or 1
