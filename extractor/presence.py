"""Which ids the dump holds, and what the good ones add up to: the run's side of the truth."""

from collections.abc import Iterator
from dataclasses import replace

from common.entities import ID_LIMIT
from common.messages import Range
from common.store.protocol import BLOCK_SIZE
from common.truth import FINGERPRINT_SPAN, RANGE_SIZE

_BYTES_PER_BLOCK = BLOCK_SIZE // 8
_BLOCKS_PER_RANGE = RANGE_SIZE // BLOCK_SIZE
_NONE_SEEN = bytes(_BYTES_PER_BLOCK)


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

    def __init__(self) -> None:
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
        """Return ranges that cover the whole id space without a gap, the tail included."""
        used = sorted({number // _BLOCKS_PER_RANGE for number in self._blocks})
        spans = list(_spans(used))
        return [
            replace(
                self._range(first, last),
                index=index,
                ranges=len(spans),
                allow_deletions=allow_deletions,
                left_out=self.left_out,
                without_id=self.without_id,
            )
            for index, (first, last) in enumerate(spans)
        ]

    def _range(self, first: int, last: int) -> Range:
        numbers = range(first // BLOCK_SIZE, min(last, first + RANGE_SIZE) // BLOCK_SIZE)
        blocks = [self._blocks[number] for number in numbers if number in self._blocks]
        return Range(
            index=0,
            ranges=0,
            first=first,
            last=last,
            bitmap=b"".join(map(self.seen, numbers)) if blocks else b"",
            count=sum(block.count for block in blocks),
            total=sum(block.total for block in blocks) % FINGERPRINT_SPAN,
            quarantined=tuple(sorted(i for i in self.quarantined if first <= i < last)),
            hold_deletions=self.hold_deletions,
        )


def _spans(used: list[int]) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of every range used, and of the gaps between them."""
    end = 0
    for number in used:
        first = number * RANGE_SIZE
        if first > end:
            yield end, first
        end = first + RANGE_SIZE
        yield first, end
    if end < ID_LIMIT:
        yield end, ID_LIMIT
