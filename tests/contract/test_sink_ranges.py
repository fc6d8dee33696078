"""What every sink keeps to, whatever database it is: many stretches of ids, asked about at once."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from common.entities import ID_LIMIT
from common.messages import Span
from common.run_rules import RANGE_SIZE
from loaders.sink import Digest, Rejection, Sink
from tests.contract.sink_batches import ALL, RELEASE, headers, release, written

R = RANGE_SIZE
MARKS = {
    1: -5,
    R - 1: 2**63 - 1,
    R: 2**63 - 1,
    4 * R: 7,
    5 * R: 8,
    7 * R: -(2**63),
    ID_LIMIT - 1: 9,
}
SPANS: list[Span] = [(0, R), (R, 2 * R), (2 * R, 4 * R), (5 * R, 6 * R), (6 * R, ID_LIMIT)]
"""Without a gap, and with: the id 4 * R is between two of them."""


async def test_spans_are_summed_up_each_by_itself_in_their_order(sink: Sink) -> None:
    await written(sink, *(release(*one) for one in MARKS.items()))
    for spans in (SPANS, SPANS[:1], SPANS[3:], [(0, ID_LIMIT)], [(9 * R, 10 * R)]):
        assert await sink.content.digests(RELEASE, spans, ()) == expected(spans, MARKS)
        held = [i for i in sorted(MARKS) if any(first <= i < last for first, last in spans)]
        assert await sink.content.held(RELEASE, spans) == held


async def test_left_out_and_rejected_ids_count_in_their_own_span_and_none_between(
    sink: Sink,
) -> None:
    await written(sink, *(release(*one) for one in MARKS.items()))
    rejected = {R: 33, 4 * R: 1, 12: -12, 4 * R + 5: 4, 9 * R: 6, ID_LIMIT - 2: 2**62}
    await sink.content.write(headers(), [], [Rejection(*one, "NUL") for one in rejected.items()])
    held = {**MARKS, **rejected}
    for without in ((), (2, 4 * R, 12, 500, 7 * R), (R, R, 4 * R), tuple(held), (ID_LIMIT - 1,)):
        left = {i: mark for i, mark in held.items() if i not in without}
        assert await sink.content.digests(RELEASE, SPANS, without) == expected(SPANS, left)
    assert await sink.content.held(RELEASE, SPANS) == sorted(held.keys() - {4 * R, 4 * R + 5})


async def test_hundreds_of_spans_at_once(sink: Sink) -> None:
    chance = Random(1)
    marks = {i: chance.randrange(-(2**63), 2**63) for i in chance.sample(range(1, 900 * R), 500)}
    await written(sink, *(release(i, mark, artists=(), genres=()) for i, mark in marks.items()))
    edges = sorted(place * R for place in chance.sample(range(900), 800))
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    without = chance.sample(sorted(marks), 50)
    left = {i: mark for i, mark in marks.items() if i not in without}
    assert await sink.content.digests(RELEASE, spans, without) == expected(spans, left)
    held = await sink.content.held(RELEASE, spans)
    assert len(held) == sum(one.count for one in expected(spans, marks))


class LookedThrough(list[int]):
    """Ids that count how often somebody looks for something in them."""

    looks = 0

    def __iter__(self) -> Iterator[int]:
        """Count a look from the first to the last."""
        self.looks += 1
        return super().__iter__()

    def __contains__(self, item: object) -> bool:
        """Count a search."""
        self.looks += 1
        return super().__contains__(item)


async def test_what_is_left_out_is_looked_through_once_however_many_are_rejected(
    sink: Sink,
) -> None:
    await written(sink, *(release(i, i) for i in range(1, 4)))
    await sink.content.write(headers(), [], [Rejection(i, i, "NUL") for i in range(4, 54)])
    without = LookedThrough([1, 10, 20, R])
    spans = [(0, R), (R, 2 * R)]
    assert await sink.content.digests(RELEASE, spans, without) == [Digest(50, 1_400), Digest(0, 0)]
    assert without.looks < 5


async def test_only_ranges_that_are_not_known_are_read(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers())
    stored = [replace(ALL, index=index, ranges=4) for index in range(4)]
    for range_ in (stored[2], stored[0]):
        await sink.bookkeeping.store_range(headers(), range_)
    assert await sink.bookkeeping.ranges(RELEASE, 1) == [stored[0], stored[2]]
    assert await sink.bookkeeping.ranges(RELEASE, 1, [0, 2]) == []
    await sink.bookkeeping.store_range(headers(), stored[3])
    assert await sink.bookkeeping.ranges(RELEASE, 1, [0, 2, 7]) == [stored[3]]
    assert await sink.bookkeeping.ranges(RELEASE, 1, [3]) == [stored[0], stored[2]]


def expected(spans: list[Span], marks: dict[int, int]) -> list[Digest]:
    """Sum up the plain way."""
    within = [[mark for i, mark in marks.items() if first <= i < last] for first, last in spans]
    return [Digest(len(found), sum(found) % 2**64) for found in within]
