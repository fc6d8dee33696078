"""Reads a record's id from its raw bytes.

The id of a parsed record is the walker's to say; this one decides which fingerprint the record
is compared with, so the two must agree, and where the bytes leave a doubt lxml is asked.
"""

import re

from common.compiled import find_compiled
from common.entities import ID_LIMIT, Entity
from extractor.cutter import CUTTING, ID_IN_ATTRIBUTE, opening_of
from extractor.elements import parse_one
from extractor.walkers import WALKERS, Oddities

_DIGITS = rb"([0-9]{1,10})"
# Until November 2024 the images of an artist or a label came first.
_IMAGES = rb"(?:<images>(?:<image [^<>]*/>)*</images>)?"
_STARTS = {
    Entity.ARTIST: rb"<artist>" + _IMAGES + rb"<id>" + _DIGITS + rb"</",
    Entity.LABEL: rb"<label>" + _IMAGES + rb"<id>" + _DIGITS + rb"</",
    Entity.MASTER: rb'<master id="' + _DIGITS + rb'"',
    Entity.RELEASE: rb'<release id="' + _DIGITS + rb'"',
}
"""How a record starts in every dump seen, up to its id."""


class Identifier:
    """Reads the ids of one entity's records."""

    def __init__(self, entity: Entity, end_tag: bytes, *, compiled: bool = False) -> None:
        self._glance = find_compiled(CUTTING, "glance") if compiled else None
        self._opening = opening_of(entity)
        self._in_attribute = entity in ID_IN_ATTRIBUTE
        self._start = re.compile(_STARTS[entity])
        self._walk = WALKERS[entity]
        self._end_tag = end_tag

    def identify(self, stem: bytes) -> int:
        """Return the id of a record without its end tag; raise `BadRecordError`."""
        number = self.glance(stem)
        return self._ask_lxml(stem) if number is None else number

    def glance(self, stem: bytes) -> int | None:
        """Return the id where it stands as it does in every dump seen, else None."""
        if (start := self._start.match(stem)) and 0 < (number := int(start[1])) < ID_LIMIT:
            return number
        return None

    def glance_all(self, stems: list[bytes]) -> list[int]:
        """Glance at many; 0 stands for a doubt."""
        if self._glance is None:
            return [self.glance(stem) or 0 for stem in stems]
        ids = self._glance(stems, self._opening, in_attribute=self._in_attribute)
        return [number if number < ID_LIMIT else 0 for number in ids]

    def _ask_lxml(self, stem: bytes) -> int:
        number, _ = self._walk(parse_one(stem + self._end_tag), Oddities())
        return number
