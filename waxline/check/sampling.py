"""A sample of a stream, drawn in one pass: uniform, repeatable, as large as it is asked to be."""

import heapq

import xxhash

from extractor.framing.raw_records import RawRecord

_ID_BYTES = 8


class Sample:
    """Keeps the ``size`` records whose ids have the smallest hashes, keyed by ``seed``.

    So the same seed draws the same ids, whatever the order of the dump, and nearly the same
    next month.
    """

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._seed = seed
        self._kept: list[tuple[int, RawRecord]] = []

    def offer(self, record: RawRecord) -> None:
        """Take a record, and put back another where there is no more room."""
        rank = xxhash.xxh3_64_intdigest(record.id.to_bytes(_ID_BYTES, "little"), self._seed)
        if len(self._kept) < self._size:
            heapq.heappush(self._kept, (-rank, record))
        elif -rank > self._kept[0][0]:
            heapq.heapreplace(self._kept, (-rank, record))

    def drawn(self) -> list[RawRecord]:
        """Return the records drawn, by id."""
        return sorted(record for _, record in self._kept)
