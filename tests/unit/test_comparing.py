"""Ranges are compared many at once: as truly as one by one, and in few statements."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from common.entities import ID_LIMIT, Entity
from common.messages import Headers, Kind, Range, Span
from common.reports import State
from common.run_rules import RANGE_SIZE
from extractor.selecting.presence import Presence
from loaders.comparing import Comparison, surplus_of
from loaders.portions import RANGES_AT_ONCE, RECORDS_AT_ONCE, portions
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.settling import Settler
from loaders.sink import Digest, Rejection
from loaders.writer import Writer
from tests.fakes.database import MemoryDatabase
from tests.fakes.sink import MemoryBookkeeping, MemoryContent, MemorySink

ENTITY = Entity.LABEL
HEADERS = Headers(Kind.BATCH, ENTITY, 1, 20260401, 0)
MANY = 600


class CountingContent(MemoryContent):
    """Notes how many spans each statement asked for."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(database)
        self.summed: list[int] = []
        self.looked_at: list[int] = []

    async def digests(
        self, entity: Entity, spans: Sequence[Span], without: Collection[int]
    ) -> list[Digest]:
        """Sum up, and count."""
        self.summed.append(len(spans))
        return await super().digests(entity, spans, without)

    async def held(self, entity: Entity, spans: Sequence[Span]) -> list[int]:
        """Return ids, and count."""
        self.looked_at.append(len(spans))
        return await super().held(entity, spans)


class CountingBookkeeping(MemoryBookkeeping):
    """Notes how many ranges were read."""

    read = 0

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return ranges, and count."""
        found = await super().ranges(entity, run, known)
        self.read += len(found)
        return found


class CountingSink(MemorySink):
    """A sink whose halves count what they are asked."""

    def __init__(self) -> None:
        database = MemoryDatabase()
        super().__init__(database)
        self.content: CountingContent = CountingContent(database)
        self.bookkeeping: CountingBookkeeping = CountingBookkeeping(database)


async def sink_of(marks: dict[int, int]) -> CountingSink:
    """Return a sink that holds such labels."""
    sink = CountingSink()
    await sink.bookkeeping.advance(HEADERS)
    records = [{"id": i, "fingerprint": mark, "data": {"name": "L"}} for i, mark in marks.items()]
    await sink.content.write(HEADERS, records)  # type: ignore[arg-type]
    return sink


def ranges_of(marks: dict[int, int], quarantined: Collection[int] = ()) -> list[Range]:
    """Return what a run tells of these records, however few a range has."""
    presence = Presence(plain=ID_LIMIT)
    for record_id, mark in marks.items():
        presence.add(record_id, mark)
    for record_id in quarantined:
        presence.note_bad(record_id)
    return presence.ranges()


def spread(count: int, *, mark: int = 7) -> dict[int, int]:
    return {number * RANGE_SIZE: mark for number in range(1, count + 1)}


async def settled(sink: CountingSink, ranges: Sequence[Range]) -> tuple[Settler, RunRow]:
    """Settle a run, after each of its ranges and once more."""
    writer = Writer(sink, 1)
    run_rows = RunRows(sink.bookkeeping, writer)
    settler = Settler(sink, run_rows, writer)
    for range_ in ranges:
        await sink.bookkeeping.store_range(HEADERS, range_)
        await settler.settle((await sink.bookkeeping.run_rows())[ENTITY])
    return settler, (await sink.bookkeeping.run_rows())[ENTITY]


async def test_a_run_of_many_ranges_is_settled_in_few_statements() -> None:
    sink = await sink_of(spread(MANY))
    ranges = ranges_of(spread(MANY))
    assert len(ranges) > MANY
    _, row = await settled(sink, ranges)
    assert row.state is State.COMPLETE
    assert sum(sink.content.summed) == len(ranges)
    assert len(sink.content.summed) <= 2
    assert sink.content.looked_at == []


async def test_a_range_is_read_once_however_often_the_run_is_looked_at() -> None:
    sink = await sink_of(spread(50))
    ranges = ranges_of(spread(50))
    await settled(sink, ranges)
    assert sink.bookkeeping.read == len(ranges)


async def test_what_differs_is_found_deleted_and_compared_again_in_few_statements() -> None:
    surplus = {record_id + 1: 5 for record_id in spread(MANY // 12)}
    sink = await sink_of({**spread(MANY), **surplus})
    _, row = await settled(sink, ranges_of(spread(MANY)))
    assert (row.state, row.deleted) == (State.COMPLETE, len(surplus))
    assert len(sink.content.summed) <= 3
    assert sink.content.looked_at == [len(surplus)]


async def test_ids_are_asked_for_by_what_the_sums_have_told_of() -> None:
    sink = await sink_of({record_id + n: 5 for record_id in spread(9) for n in range(1_100)})
    comparison = Comparison(sink.content, Writer(sink, 1), ENTITY)
    found = await comparison.unequal(ranges_of(spread(9)))
    surplus = await comparison.surplus(found)
    assert sum(len(one.ids) for one in surplus.values()) == 9 * 1_099
    assert (sink.content.summed, sink.content.looked_at) == ([11], [9])
    await Comparison(sink.content, Writer(sink, 1), ENTITY).surplus(found)
    assert sink.content.looked_at == [9] + [1] * 9  # of these it is not known how much they hold


@given(st.lists(st.integers(0, 2 * RECORDS_AT_ONCE), max_size=40), st.integers(1, 10**6))
def test_portions_are_whole_in_order_and_no_larger_than_they_may_be(
    weights: list[int], records: int
) -> None:
    found = list(portions(weights, lambda weight: weight, records))
    assert [weight for some in found for weight in some] == weights
    assert all(some and (len(some) == 1 or sum(some) <= records) for some in found)


def test_so_many_ranges_are_asked_for_at_once() -> None:
    assert [len(some) for some in portions(range(1_000), lambda _: 1)] == [RANGES_AT_ONCE, 488]
    assert list(portions([], lambda _: 1)) == []


_IDS = st.integers(1, 9).map(lambda n: 30_000 * n)
_MARKS = st.dictionaries(_IDS, st.integers(1, 3))


@settings(max_examples=200)
@given(_MARKS, _MARKS, st.sets(_IDS, max_size=2), st.sets(_IDS, max_size=2), st.booleans())
async def test_what_is_found_unequal_at_once_is_what_is_so_one_by_one(
    dump: dict[int, int], held: dict[int, int], bad: set[int], rejected: set[int], hold: bool
) -> None:
    ranges = [replace(one, hold_deletions=hold) for one in ranges_of(dump, bad)]
    sink = await sink_of(held)
    await sink.content.write(HEADERS, [], [Rejection(i, 2, "NUL") for i in rejected])
    at_once = await Comparison(sink.content, Writer(sink, 1), ENTITY).unequal_in_the_end(ranges)
    marks = {**held, **dict.fromkeys(rejected, 2)}
    assert at_once == [one for one in ranges if not _is_equal(one, marks)]


def _is_equal(range_: Range, marks: dict[int, int]) -> bool:
    within = {i: mark for i, mark in marks.items() if range_.first <= i < range_.last}
    surplus = {*surplus_of(range_, within).ids} if range_.hold_deletions else set()
    for left_out in ({*range_.quarantined}, {*range_.quarantined, *surplus}):
        counted = [mark for i, mark in within.items() if i not in left_out]
        if (len(counted), sum(counted)) == (range_.count, range_.total):
            return True
    return False
