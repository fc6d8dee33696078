"""Reads a record's id from its raw bytes.

The id of a parsed record is the walker's to say; this one decides which fingerprint the record
is compared with, so the two must agree, and where the bytes leave a doubt lxml is asked.
"""

from common.entities import Entity
from extractor.framing.raw_records import end_tag_of
from extractor.framing.stems import glance
from extractor.walkers import WALKERS, Oddities
from extractor.walkers.elements import parse_one


class Identifier:
    """Reads the ids of one entity's records."""

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._walk = WALKERS[entity]
        self._end_tag = end_tag_of(entity)

    def identify(self, stem: bytes) -> int:
        """Return the id of a record without its end tag; raise `BadRecordError`."""
        number = self.glance(stem)
        return self._ask_lxml(stem) if number is None else number

    def glance(self, stem: bytes) -> int | None:
        """Return the id where it stands as it does in every dump seen, else None."""
        return glance(self._entity, stem)

    def _ask_lxml(self, stem: bytes) -> int:
        number, _ = self._walk(parse_one(stem + self._end_tag), Oddities())
        return number
