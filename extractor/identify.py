"""Reads a record's id from its raw bytes.

The id of a parsed record is the walker's to say; this one decides which fingerprint the record
is compared with, so the two must agree, and where the bytes leave a doubt lxml is asked.
"""

from common.entities import ID_LIMIT, Entity
from extractor.elements import parse_one
from extractor.walkers import WALKERS, Oddities

_BEFORE_ID = {
    Entity.ARTIST: b"<artist><id>",
    Entity.LABEL: b"<label><id>",
    Entity.MASTER: b'<master id="',
    Entity.RELEASE: b'<release id="',
}
_AFTER_ID = {
    Entity.ARTIST: b"</",
    Entity.LABEL: b"</",
    Entity.MASTER: b'"',
    Entity.RELEASE: b'"',
}
_LONGEST = 10


class Identifier:
    """Reads the ids of one entity's records."""

    def __init__(self, entity: Entity, end_tag: bytes) -> None:
        self._before = _BEFORE_ID[entity]
        self._after = _AFTER_ID[entity]
        self._start = len(self._before)
        self._stop = self._start + _LONGEST + len(self._after)
        self._walk = WALKERS[entity]
        self._end_tag = end_tag

    def identify(self, stem: bytes) -> int:
        """Return the id of a record without its end tag; raise `BadRecordError`."""
        number = self.glance(stem)
        return self._ask_lxml(stem) if number is None else number

    def glance(self, stem: bytes) -> int | None:
        """Return the id where it stands as it does in every recent dump, else None."""
        if stem.startswith(self._before):
            end = stem.find(self._after, self._start, self._stop)
            digits = stem[self._start : max(end, self._start)]
            if digits.isdigit() and 0 < (number := int(digits)) < ID_LIMIT:
                return number
        return None

    def _ask_lxml(self, stem: bytes) -> int:
        number, _ = self._walk(parse_one(stem + self._end_tag), Oddities())
        return number
