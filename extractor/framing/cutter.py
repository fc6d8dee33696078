"""Cuts regular blocks: one record after the other, and no other element of the record's name.

The compiled cutter looks at each byte once; the plain one, its twin, has `bytes.split` do most
of the work.  What either leaves is for the scanner.  Of well-formed records all of them cut the
same stems.
"""

import ctypes
import re
from importlib.util import find_spec
from itertools import accumulate
from typing import Protocol, TypeAlias

from xxhash import xxh3_64_intdigest

from common.compiled import find_compiled
from common.entities import Entity
from extractor.framing.raw_records import end_tag_of
from extractor.framing.stems import PlainStems, Stems

CUTTING = "extractor.framing.compiled_cutter"

Regular: TypeAlias = tuple[Stems, int, bool]
"""Stems, how many bytes of the buffer they and what is around them take, and whether what is
left is the begin of a regular record, or nothing."""

ID_IN_ATTRIBUTE = frozenset((Entity.MASTER, Entity.RELEASE))
NESTING = frozenset((Entity.LABEL,))
"""Those whose records have others of their name inside: the sublabels."""

_UNCOUNTED = {
    Entity.ARTIST: rb"</artist\s",
    Entity.LABEL: rb"</label\s|<label[^<>]*(?:/>|<)|<label[^\s/>]",
    Entity.MASTER: rb"</master\s",
    Entity.RELEASE: rb"</release\s|<release[\t-\r/>]",
}
"""Tags that the plain cutter would count wrongly: white space where no dump has it; where records
are nested also empty elements of the record's name, start tags without an end, longer names."""


class Cutter(Protocol):
    """Cuts a buffer that begins between two records, at ``offset`` of the file."""

    def cut(self, buffer: bytes, offset: int) -> Regular:
        """Return what is regular, up to the first record that is not."""


def choose_cutter(entity: Entity, limit: int, *, compiled: bool) -> Cutter:
    """Return the compiled cutter where it is wanted and can be had, else the plain one."""
    make = find_compiled(CUTTING, "Cutter") if compiled else None
    if make is None:
        return PlainCutter(entity, limit)
    cutter: Cutter = make(
        entity.value.encode(),
        opening_of(entity),
        nests=entity in NESTING,
        in_attribute=entity in ID_IN_ATTRIBUTE,
        limit=limit,
        hash_address=find_hash(),
    )
    return cutter


def opening_of(entity: Entity) -> bytes:
    """Return how every record begins: its start tag, as far as that is always the same."""
    return b"<" + entity.value.encode() + (b" " if entity in ID_IN_ATTRIBUTE else b">")


class PlainCutter:
    """Takes a buffer as a whole, or not at all."""

    def __init__(self, entity: Entity, limit: int) -> None:
        self._entity = entity
        self._limit = limit
        self._opening = opening_of(entity)
        self._end_tag = end_tag_of(entity)
        self._separator = self._end_tag + b"\n"
        self._root_end = b"</" + entity.plural.encode()
        self._uncounted = re.compile(_UNCOUNTED[entity])

    def cut(self, buffer: bytes, offset: int) -> Regular:
        """Cut at each end tag that ends a line."""
        text = buffer.lstrip()
        *stems, tail = text.split(self._separator)
        whole = len(text) - len(tail)
        root_end = text.find(self._root_end)
        if (
            _may_hide(text)
            or self._uncounted.search(text)
            or 0 <= root_end < whole
            or self._end_tag in tail
            or any(map(self._too_long, stems))
            or not self._all_whole(stems, text, whole)
        ):
            return PlainStems(self._entity, [], []), 0, False
        space = len(buffer) - len(text)
        lengths = [len(stem) + len(self._separator) for stem in stems]
        offsets = list(accumulate(lengths[:-1], initial=offset + space)) if stems else []
        return PlainStems(self._entity, stems, offsets), space + whole, root_end < 0

    def _all_whole(self, stems: list[bytes], text: bytes, whole: int) -> bool:
        """Tell whether each stem is one record: it begins as one, and its tags balance.

        Seldom is anything nested, and only in labels; else it is enough to count over all.
        """
        opening, end = self._opening, self._end_tag
        if not all(stem.startswith(opening) for stem in stems):
            return False
        # "<release" alone would count "<released>" too.
        begun = opening if self._entity is Entity.RELEASE else opening[:-1]
        if text.count(end) == text.count(begun, 0, whole) == len(stems):
            return True
        return self._entity in NESTING and all(map(self._is_whole, stems))

    def _is_whole(self, stem: bytes) -> bool:
        """Tell whether only the record itself is open at the end, and was so all the way."""
        name = self._opening[:-1]
        *closed, last = stem.split(self._end_tag)
        depth = 0
        for piece in closed:
            depth += piece.count(name) - 1
            if depth < 1:
                return False
        return depth + last.count(name) == 1

    def _too_long(self, stem: bytes) -> bool:
        return len(stem) > self._limit


def _may_hide(buffer: bytes) -> bool:
    """Tell whether a comment, a CDATA section or a processing instruction may be in there.

    Both marks are rare, and nothing is found as fast as a single byte.
    """
    for mark in (b"!", b"?"):
        place = buffer.find(mark)
        while place >= 0:
            if buffer.startswith(b"<", place - 1):
                return True
            place = buffer.find(mark, place + 1)
    return False


_NAME = "XXH3_64bits_withSeed"
"""In libxxhash's stable interface: ``uint64_t (const void *, size_t, uint64_t seed)``."""

_SAMPLES = tuple(bytes(range(250)) * times for times in (0, 1, 20))
_SEED = 7


def find_hash() -> int:
    """Return the address of the function, or 0 where the library does not show it."""
    module = find_spec("xxhash._xxhash")
    try:
        found = ctypes.CDLL(module.origin if module else None)[_NAME]
    except (AttributeError, OSError):
        return 0
    function = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64)
    address = ctypes.cast(found, ctypes.c_void_p).value or 0
    hashed = [function(address)(sample, len(sample), _SEED) for sample in _SAMPLES]
    return address if hashed == [xxh3_64_intdigest(sample, _SEED) for sample in _SAMPLES] else 0
