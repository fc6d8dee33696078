"""At the end of a run that differs, the store is looked through once, however many ranges do."""

from common.entities import Entity
from common.messages import Headers, Kind, Range
from loaders.run_rows import RunRows
from loaders.settling import Settler, blocks_of
from loaders.writer import Writer
from tests.fakes.database import MemoryDatabase
from tests.fakes.sink import MemorySink
from tests.fakes.store import MemoryStore

ENTITY = Entity.LABEL
HEADERS = Headers(Kind.RANGE, ENTITY, 1, 20260401, 0)


class CountingStore(MemoryStore):
    """Counts how often it is looked through."""

    looks = 0

    async def known_blocks(self, entity: Entity) -> list[int]:
        """Return the numbers, and count."""
        self.looks += 1
        return await super().known_blocks(entity)


def range_of(first: int, last: int) -> Range:
    return Range(0, 0, first * 65_536, last * 65_536, b"", 0, 0)


async def test_the_blocks_of_unequal_ranges_are_forgotten_in_one_look() -> None:
    store, sink = CountingStore(), MemorySink(MemoryDatabase())
    await store.put_fingerprints(ENTITY, dict.fromkeys(range(400), b""))
    writer = Writer(sink, 1)
    run_rows = RunRows(sink.bookkeeping, writer)
    row = await sink.bookkeeping.advance(HEADERS)
    unequal = [range_of(number, number + 1) for number in range(1, 21)]
    await Settler(sink, run_rows, writer).declare_unequal(row, unequal, store)
    assert store.looks == 1
    assert await store.known_blocks(ENTITY) == [*range(16), *range(336, 400)]


def test_a_wide_range_has_the_blocks_that_are_known() -> None:
    known = [3, 15, 16, 17, 500_000]
    assert blocks_of([range_of(0, 1), range_of(2, 2**15)], known) == [3, 15, 500_000]
    assert blocks_of([range_of(0, 2**15)], known) == known
