"""Which ids the dump holds, and what the good ones add up to: the run's side of the truth."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from common.entities import ID_LIMIT
from common.messages import Range
from common.run_rules import FINGERPRINT_SPAN, RANGE_SIZE
from common.store.protocol import BLOCK_SIZE

_BYTES_PER_BLOCK = BLOCK_SIZE // 8
_BLOCKS_PER_RANGE = RANGE_SIZE // BLOCK_SIZE
_NONE_SEEN = bytes(_BYTES_PER_BLOCK)

PLAIN = 64
"""Used ranges of `RANGE_SIZE` that are all told one by one, whatever they hold."""

FEW = 1_024
"""Ids of a range that a list takes less room for than a bitmap."""

MOST_LISTED = 4_096
"""Ids in one list."""


class RangePresence:
    """The ids of one range of `RANGE_SIZE`, each by its place in it.

    Up to `FEW` they are a list, ``few``, ascending; from then on ``bits``, lowest first.
    ``count`` and ``total`` (the sum of unsigned fingerprints, which is meant mod 2**64) are of
    the good ids.
    """

    __slots__ = ("bits", "count", "few", "total")

    def __init__(self) -> None:
        self.bits: bytearray | None = None
        self.few = array("H")
        self.count = 0
        self.total = 0

    def add(self, place: int, fingerprint: int) -> bool:
        """Note the good record at a place; False if its id has been seen before."""
        if not self.note(place):
            return False
        self.count += 1
        self.total += fingerprint
        return True

    def note(self, place: int) -> bool:
        """Note an id, whatever becomes of it; False if it has been seen before."""
        if self.bits is not None:
            return _set(self.bits, place)
        few = self.few
        at = bisect_left(few, place) if few and place <= few[-1] else len(few)
        if at < len(few) and few[at] == place:
            return False
        few.insert(at, place)
        if len(few) > FEW:
            self.bits, self.few = bytearray(self.bitmap()), array("H")
        return True

    def bitmap(self) -> bytes:
        """Return a bit for each place."""
        return _bitmap(self.few, RANGE_SIZE) if self.bits is None else bytes(self.bits)

    def block(self, number: int) -> bytes:
        """Return a bit for each place of a block, by its number in the range."""
        if self.bits is not None:
            return bytes(self.bits[number * _BYTES_PER_BLOCK : (number + 1) * _BYTES_PER_BLOCK])
        first = number * BLOCK_SIZE
        begin, end = bisect_left(self.few, first), bisect_left(self.few, first + BLOCK_SIZE)
        return _bitmap((place - first for place in self.few[begin:end]), BLOCK_SIZE)


def _set(bits: bytearray, place: int) -> bool:
    byte, bit = place >> 3, 1 << (place & 7)
    if bits[byte] & bit:
        return False
    bits[byte] |= bit
    return True


def _bitmap(places: Iterable[int], size: int) -> bytes:
    bits = bytearray(size // 8)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


class Presence:
    """All ids of a run: 5 MB for the releases of a real dump, or 2 bytes each where they are rare.

    ``left_out`` counts all records that are not loaded, ``without_id`` those of them whose id
    could not be read; ``quarantined`` has the ids of which nothing is loaded.
    """

    def __init__(self, plain: int = PLAIN) -> None:
        self.plain = plain
        self.quarantined: set[int] = set()
        self.hold_deletions = False
        self.left_out = 0
        self.without_id = 0
        self._parts: dict[int, RangePresence] = {}

    def part(self, number: int) -> RangePresence:
        """Return the range of the ids ``number * RANGE_SIZE`` and up."""
        part = self._parts.get(number)
        if part is None:
            part = self._parts[number] = RangePresence()
        return part

    def add(self, record_id: int, fingerprint: int) -> bool:
        """Note a good record; False if its id has been seen before."""
        number, place = divmod(record_id, RANGE_SIZE)
        return self.part(number).add(place, fingerprint)

    def seen(self, number: int) -> bytes:
        """Return the bits of the ids of a block, seen or not."""
        part = self._parts.get(number // _BLOCKS_PER_RANGE)
        return part.block(number % _BLOCKS_PER_RANGE) if part else _NONE_SEEN

    def quarantine(self, record_id: int, fingerprint: int) -> None:
        """Take back an id counted as good: its record cannot be loaded."""
        part = self.part(record_id // RANGE_SIZE)
        part.count -= 1
        part.total -= fingerprint
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
        number, place = divmod(record_id, RANGE_SIZE)
        if self.part(number).note(place):
            self.quarantined.add(record_id)

    def ranges(self, allow_deletions: bool = False) -> list[Range]:
        """Return ranges that cover the whole id space without a gap, the tail included.

        Where they would be more than `plain`, neighbours with few ids become one: what they
        cost goes by the records then, and not by how far their ids are apart.
        """
        numbers = sorted(self._parts)
        listed = len(numbers) > self.plain
        few = ((number, len(self._parts[number].few) if listed else 0) for number in numbers)
        spans = _spans(few)
        quarantined = sorted(self.quarantined)
        return [
            replace(
                self._range(span, quarantined),
                index=index,
                ranges=len(spans),
                allow_deletions=allow_deletions,
                left_out=self.left_out,
                without_id=self.without_id,
            )
            for index, span in enumerate(spans)
        ]

    def _range(self, span: "_Span", quarantined: Sequence[int]) -> Range:
        parts = [self._parts[number] for number in span.places]
        first = bisect_left(quarantined, span.first)
        return Range(
            index=0,
            ranges=0,
            first=span.first,
            last=span.last,
            bitmap=b"" if span.ids else b"".join(part.bitmap() for part in parts),
            ids=self._ids(span.places) if span.ids else (),
            count=sum(part.count for part in parts),
            total=sum(part.total for part in parts) % FINGERPRINT_SPAN,
            quarantined=tuple(quarantined[first : bisect_left(quarantined, span.last)]),
            hold_deletions=self.hold_deletions,
        )

    def _ids(self, numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(
            number * RANGE_SIZE + place for number in numbers for place in self._parts[number].few
        )


@dataclass(slots=True)
class _Span:
    """Ids ``[first, last)``: the places of what is used of them, in ranges of `RANGE_SIZE`.

    They are to be listed if there are ``ids``, so many.
    """

    first: int
    last: int
    places: list[int] = field(default_factory=list)
    ids: int = 0


def _spans(used: Iterable[tuple[int, int]]) -> list[_Span]:
    """Return what is used, by place and number of ids to be listed, and the gaps between.

    Neighbours with ids to be listed are one span, up to `MOST_LISTED`.
    """
    spans: list[_Span] = []
    end = 0
    for place, ids in used:
        first, last = place * RANGE_SIZE, (place + 1) * RANGE_SIZE
        before = spans[-1] if spans else None
        if before and before.ids and ids and before.ids + ids <= MOST_LISTED:
            before.last, before.ids = last, before.ids + ids
            before.places.append(place)
        else:
            if first > end:
                spans.append(_Span(end, first))
            spans.append(_Span(first, last, [place], ids))
        end = last
    if end < ID_LIMIT:
        spans.append(_Span(end, ID_LIMIT))
    return spans
