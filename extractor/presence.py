"""Which ids the dump holds, and what the good ones add up to: the run's side of the truth."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from common.entities import ID_LIMIT
from common.messages import Range
from common.store.protocol import BLOCK_SIZE
from common.truth import FINGERPRINT_SPAN, RANGE_SIZE

_BYTES_PER_BLOCK = BLOCK_SIZE // 8
_BLOCKS_PER_RANGE = RANGE_SIZE // BLOCK_SIZE
_NONE_SEEN = bytes(_BYTES_PER_BLOCK)

PLAIN = 64
"""Used ranges of `RANGE_SIZE` that are all told one by one, whatever they hold."""

FEW = 1_024
"""Ids of a range that a list takes less room for than a bitmap."""

MOST_LISTED = 4_096
"""Ids in one list."""


class BlockPresence:
    """The ids of one block: ``seen`` has a bit per id, lowest first.

    ``count`` and ``total`` (the sum of unsigned fingerprints, which is meant mod 2**64) are of
    the good ids.
    """

    __slots__ = ("count", "seen", "total")

    def __init__(self) -> None:
        self.seen = bytearray(_BYTES_PER_BLOCK)
        self.count = 0
        self.total = 0

    def add(self, place: int, fingerprint: int) -> bool:
        """Note the good record at a place of the block; False if its id has been seen before."""
        byte, bit = place >> 3, 1 << (place & 7)
        if self.seen[byte] & bit:
            return False
        self.seen[byte] |= bit
        self.count += 1
        self.total += fingerprint
        return True


class Presence:
    """All ids of a run; 5 MB for the releases of a real dump.

    ``left_out`` counts all records that are not loaded, ``without_id`` those of them whose id
    could not be read; ``quarantined`` has the ids of which nothing is loaded.
    """

    def __init__(self, plain: int = PLAIN) -> None:
        self.plain = plain
        self.quarantined: set[int] = set()
        self.hold_deletions = False
        self.left_out = 0
        self.without_id = 0
        self._blocks: dict[int, BlockPresence] = {}

    def block(self, number: int) -> BlockPresence:
        """Return the block of the ids ``number * BLOCK_SIZE`` and up."""
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = BlockPresence()
        return block

    def seen(self, number: int) -> bytes:
        """Return the bits of a block, seen or not."""
        block = self._blocks.get(number)
        return bytes(block.seen) if block else _NONE_SEEN

    def quarantine(self, record_id: int, fingerprint: int) -> None:
        """Take back an id counted as good: its record cannot be loaded."""
        block = self.block(record_id // BLOCK_SIZE)
        block.count -= 1
        block.total -= fingerprint
        self.left_out += 1
        self.quarantined.add(record_id)

    def note_bad(self, record_id: int | None) -> None:
        """Note a record that was never counted as good, and its id unless that is known.

        Without a readable id it might be any record that the dump seems to lack.
        """
        self.left_out += 1
        if record_id is None:
            self.without_id += 1
            self.hold_deletions = True
            return
        block = self.block(record_id // BLOCK_SIZE)
        byte, bit = record_id % BLOCK_SIZE >> 3, 1 << (record_id & 7)
        if not block.seen[byte] & bit:
            block.seen[byte] |= bit
            self.quarantined.add(record_id)

    def ranges(self, allow_deletions: bool = False) -> list[Range]:
        """Return ranges that cover the whole id space without a gap, the tail included.

        Where they would be more than `plain`, neighbours with few ids become one: what they
        cost goes by the records then, and not by how far their ids are apart.
        """
        numbers: dict[int, list[int]] = {}
        for number in sorted(self._blocks):
            numbers.setdefault(number // _BLOCKS_PER_RANGE, []).append(number)
        few = FEW if len(numbers) > self.plain else 0
        spans = _spans(((place, self._ids_in(of)) for place, of in numbers.items()), few)
        quarantined = sorted(self.quarantined)
        return [
            replace(
                self._range(span, numbers, quarantined),
                index=index,
                ranges=len(spans),
                allow_deletions=allow_deletions,
                left_out=self.left_out,
                without_id=self.without_id,
            )
            for index, span in enumerate(spans)
        ]

    def _range(
        self, span: "_Span", numbers: Mapping[int, Sequence[int]], quarantined: Sequence[int]
    ) -> Range:
        used = [number for place in span.places for number in numbers[place]]
        blocks = [self._blocks[number] for number in used]
        first = bisect_left(quarantined, span.first)
        return Range(
            index=0,
            ranges=0,
            first=span.first,
            last=span.last,
            bitmap=self._bitmap(span.first) if used and not span.listed else b"",
            ids=tuple(i for number in used for i in self._ids(number)) if span.listed else (),
            count=sum(block.count for block in blocks),
            total=sum(block.total for block in blocks) % FINGERPRINT_SPAN,
            quarantined=tuple(quarantined[first : bisect_left(quarantined, span.last)]),
            hold_deletions=self.hold_deletions,
        )

    def _bitmap(self, first: int) -> bytes:
        number = first // BLOCK_SIZE
        return b"".join(map(self.seen, range(number, number + _BLOCKS_PER_RANGE)))

    def _ids_in(self, numbers: Iterable[int]) -> int:
        return sum(int.from_bytes(self._blocks[number].seen).bit_count() for number in numbers)

    def _ids(self, number: int) -> Iterator[int]:
        for place, byte in enumerate(self._blocks[number].seen):
            if byte:
                first = number * BLOCK_SIZE + 8 * place
                yield from (first + bit for bit in range(8) if byte >> bit & 1)


@dataclass(slots=True)
class _Span:
    """Ids ``[first, last)``: the places of what is used of them, in ranges of `RANGE_SIZE`.

    If ``listed``, they hold so few that these ``ids`` are listed.
    """

    first: int
    last: int
    places: list[int] = field(default_factory=list)
    ids: int = 0
    listed: bool = False


def _spans(used: Iterable[tuple[int, int]], few: int) -> list[_Span]:
    """Return what is used, by place and number of ids, and the gaps between.

    Neighbours of at most ``few`` ids each are one span, up to `MOST_LISTED`.
    """
    spans: list[_Span] = []
    end = 0
    for place, ids in used:
        first, last = place * RANGE_SIZE, (place + 1) * RANGE_SIZE
        before = spans[-1] if spans else None
        if before and before.listed and ids <= few and before.ids + ids <= MOST_LISTED:
            before.last, before.ids = last, before.ids + ids
            before.places.append(place)
        else:
            if first > end:
                spans.append(_Span(end, first))
            spans.append(_Span(first, last, [place], ids, listed=0 < ids <= few))
        end = last
    if end < ID_LIMIT:
        spans.append(_Span(end, ID_LIMIT))
    return spans
