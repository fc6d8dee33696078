"""Blocks of fingerprints as the store keeps them: what is mostly empty takes no room for that.

A block is 8 bytes for each of its ids, 0 for those without a fingerprint.  Packed it is the ids
that have one, 4 bytes each, followed by their fingerprints.
"""

from array import array
from collections.abc import Collection, Mapping
from itertools import compress

from common.store.protocol import BLOCK_SIZE

BLOCK_BYTES = 8 * BLOCK_SIZE
PAGE_BLOCKS = 256
"""Blocks whose few fingerprints share a page: some two thousand for all ids there may be."""

FULL = 1_280
"""Fingerprints with which a block is kept as it is; a server rounds its 32 kB up to 40."""

ALONE = 8
"""Fingerprints with which a block has a key of its own, which costs some 110 bytes."""

Marks = dict[int, int]
"""Fingerprints, unsigned, by id less the first one of their block or page."""

_NOTHING = bytes(BLOCK_BYTES)
_CHUNK = 64  # ids
_CHUNK_BYTES = 8 * _CHUNK
_EMPTY_CHUNK = bytes(_CHUNK_BYTES)


def marks_of(block: bytes) -> Marks:
    """Return what is in a block, whole or packed."""
    if len(block) != BLOCK_BYTES:
        return unpack(block)
    found: Marks = {}
    for start in range(0, BLOCK_BYTES, _CHUNK_BYTES):
        chunk = block[start : start + _CHUNK_BYTES]
        if chunk != _EMPTY_CHUNK:
            marks = array("Q", chunk)
            first = start // 8
            places = compress(range(first, first + _CHUNK), marks)
            found.update(zip(places, filter(None, marks), strict=True))
    return found


def spread(marks: Mapping[int, int]) -> bytes:
    """Return the block that has these fingerprints; raise `IndexError` when one is outside."""
    block = array("Q", _NOTHING)
    for place, mark in marks.items():
        block[place] = mark
    return block.tobytes()


def pack(marks: Marks) -> bytes:
    """Return fingerprints as they are stored."""
    return array("I", marks).tobytes() + array("Q", marks.values()).tobytes()


def unpack(content: bytes) -> Marks:
    """Read what `pack` has made; anything else has nothing in it."""
    count, rest = divmod(len(content), 12)
    if rest:
        return {}
    places, marks = array("I", content[: 4 * count]), array("Q", content[4 * count :])
    return dict(zip(places, marks, strict=True))


def whole(block: bytes) -> bytes:
    """Return a block as a whole one."""
    return block if len(block) == BLOCK_BYTES else spread(unpack(block))


def count_of(block: bytes) -> int:
    """Return how many fingerprints are in a block, whole or packed."""
    if len(block) != BLOCK_BYTES:
        return len(block) // 12
    return BLOCK_SIZE - array("Q", block).count(0)


def readable(content: bytes | None) -> bytes | None:
    """Return a block as its own key holds it, None when that is none."""
    if not content or len(content) == BLOCK_BYTES:
        return content or None
    marks = unpack(content)
    return content if marks and max(marks) < BLOCK_SIZE else None


def by_block(page: Marks) -> dict[int, Marks]:
    """Return what a page holds by block, counted from its first one."""
    found: dict[int, Marks] = {}
    for place, mark in page.items():
        block, within = divmod(place, BLOCK_SIZE)
        if block < PAGE_BLOCKS:
            found.setdefault(block, {})[within] = mark
    return found


def without(page: Marks, blocks: Collection[int]) -> Marks:
    """Return a page less some of its blocks."""
    return {place: mark for place, mark in page.items() if place // BLOCK_SIZE not in blocks}
