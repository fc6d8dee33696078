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
_IMAGES_END = b"</images>"
_ID = b"<id>"


class Identifier:
    """Reads the ids of one entity's records."""

    def __init__(self, entity: Entity, end_tag: bytes) -> None:
        self._before = _BEFORE_ID[entity]
        self._before_images = b"<" + entity.value.encode() + b"><images>"
        self._after = _AFTER_ID[entity]
        self._walk = WALKERS[entity]
        self._end_tag = end_tag

    def identify(self, stem: bytes) -> int:
        """Return the id of a record without its end tag; raise `BadRecordError`."""
        number = self.glance(stem)
        return self._ask_lxml(stem) if number is None else number

    def glance(self, stem: bytes) -> int | None:
        """Return the id where it stands as it does in every dump seen, else None."""
        if start := self._place(stem):
            end = stem.find(self._after, start, start + _LONGEST + len(self._after))
            digits = stem[start : max(end, start)]
            if digits.isdigit() and 0 < (number := int(digits)) < ID_LIMIT:
                return number
        return None

    def _place(self, stem: bytes) -> int:
        """Return where the id begins; 0 for a doubt."""
        if stem.startswith(self._before):
            return len(self._before)
        # Until November 2024 the images of an artist or a label came first.
        if stem.startswith(self._before_images):
            end = stem.find(_IMAGES_END)
            place = end + len(_IMAGES_END)
            if end > 0 and stem.startswith(_ID, place) and not _may_hide(stem[:end]):
                return place + len(_ID)
        return 0

    def _ask_lxml(self, stem: bytes) -> int:
        number, _ = self._walk(parse_one(stem + self._end_tag), Oddities())
        return number


def _may_hide(images: bytes) -> bool:
    """Tell whether what looks like the images' end may be in a comment or the like."""
    return b"<!" in images or b"<?" in images
