"""What every sink keeps to, whatever database it is: which run writes, and what it notes."""

from dataclasses import replace

import pytest

from common.entities import Entity
from common.errors import RunSupersededError
from common.messages import Range
from common.reports import State
from loaders.sink import Digest, Rejection, Sink
from tests.contract.sink_batches import ALL, RELEASE, digest, headers, release, written
from tests.contract.sinks import Harness, HeldRelease


async def test_the_run_row_counts_what_was_committed(sink: Sink) -> None:
    await written(sink, release(1, 10), release(2, 20))
    await sink.content.write(headers(), [release(1, 10), release(2, 21)], [Rejection(3, 30, "NUL")])
    row = (await sink.bookkeeping.run_rows())[RELEASE]
    assert (row.run, row.dump, row.state) == (1, 20260801, State.LOADING)
    assert (row.loaded, row.unchanged, row.rejected, row.deleted) == (3, 1, 1, 0)


async def test_a_new_sink_has_no_run_rows(sink: Sink) -> None:
    assert await sink.bookkeeping.run_rows() == {}


async def test_advancing_is_monotone_and_starts_the_counts_anew(sink: Sink) -> None:
    await written(sink, release(1, 10), run=5)
    await sink.bookkeeping.declare(headers(5), State.UNEQUAL, "1 range differs", 0)
    assert (await sink.bookkeeping.advance(headers(4))).run == 5
    same = await sink.bookkeeping.advance(headers(5))
    assert (same.run, same.loaded, same.state) == (5, 1, State.UNEQUAL)
    row = await sink.bookkeeping.advance(headers(6, dump=20260901))
    assert (row.run, row.dump, row.loaded, row.state) == (6, 20260901, 0, State.LOADING)
    assert row.detail == ""
    assert (await sink.bookkeeping.run_rows())[RELEASE] == row


async def test_advancing_one_entity_leaves_the_others(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(3, Entity.ARTIST))
    await sink.bookkeeping.advance(headers(9, Entity.LABEL))
    assert {e: row.run for e, row in (await sink.bookkeeping.run_rows()).items()} == {
        Entity.ARTIST: 3,
        Entity.LABEL: 9,
    }


async def test_ranges_come_back_as_they_were_by_index(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers())
    ranges = [
        Range(0, 2, 0, 65_536, b"\x06\x01", 3, 2**64 - 1, (8,), hold_deletions=True),
        Range(1, 2, 65_536, 2**31, b"", 0, 0),
    ]
    for range_ in reversed(ranges):
        await sink.bookkeeping.store_range(headers(), range_)
    await sink.bookkeeping.store_range(headers(), ranges[0])
    assert await sink.bookkeeping.ranges(RELEASE, 1) == ranges
    assert await sink.bookkeeping.ranges(RELEASE, 2) == []
    assert await sink.bookkeeping.ranges(Entity.LABEL, 1) == []


async def test_advancing_forgets_the_older_run_s_ranges(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(1))
    await sink.bookkeeping.store_range(headers(1), ALL)
    await sink.bookkeeping.advance(headers(1))
    assert await sink.bookkeeping.ranges(RELEASE, 1) == [ALL]
    await sink.bookkeeping.advance(headers(2))
    assert await sink.bookkeeping.ranges(RELEASE, 1) == []


async def test_a_superseded_run_writes_nothing(sink: Sink, harness: Harness) -> None:
    await written(sink, release(1, 10), release(2, 20), run=1)
    await sink.content.write(headers(1), [], [Rejection(6, 60, "NUL")])
    row = await sink.bookkeeping.advance(headers(2))
    before = await digest(sink)
    with pytest.raises(RunSupersededError):
        await sink.content.write(headers(1), [release(1, 11, "other"), release(3, 30)])
    with pytest.raises(RunSupersededError):
        await sink.content.write(headers(1), [release(6, 60)], [Rejection(2, 21, "NUL")])
    with pytest.raises(RunSupersededError):
        await sink.content.delete(headers(1), [1, 6])
    assert await digest(sink) == before
    assert await harness.release(1) == HeldRelease("Blue", (3,), ("Jazz",))
    assert await harness.pieces(RELEASE, 3) == 0
    assert (await sink.bookkeeping.run_rows())[RELEASE] == row


async def test_a_superseded_run_stores_no_range_and_no_verdict(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(1))
    row = await sink.bookkeeping.advance(headers(2))
    with pytest.raises(RunSupersededError):
        await sink.bookkeeping.store_range(headers(1), ALL)
    with pytest.raises(RunSupersededError):
        await sink.bookkeeping.declare(headers(1), State.COMPLETE, "", 0)
    assert await sink.bookkeeping.ranges(RELEASE, 1) == []
    assert (await sink.bookkeeping.run_rows())[RELEASE] == row


async def test_a_run_that_never_advanced_writes_nothing(sink: Sink) -> None:
    with pytest.raises(RunSupersededError):
        await sink.content.write(headers(1), [release(1, 10)])
    assert await digest(sink) == Digest(0, 0)


async def test_a_complete_run_notes_the_rows_and_the_next_one_keeps_that(sink: Sink) -> None:
    await written(sink, release(1, 10), release(2, 20), run=3)
    await sink.content.write(headers(3), [], [Rejection(9, 90, "NUL")])
    await sink.bookkeeping.declare(headers(3), State.COMPLETE, "complete, with exceptions", 1)
    row = (await sink.bookkeeping.run_rows())[RELEASE]
    assert (row.state, row.detail, row.exceptions) == (
        State.COMPLETE,
        "complete, with exceptions",
        1,
    )
    assert (row.rows_at_complete, row.complete_run) == (2, 3)
    later = await sink.bookkeeping.advance(headers(4))
    assert (later.exceptions, later.rows_at_complete, later.complete_run) == (0, 2, 3)


@pytest.mark.parametrize("state", [State.UNEQUAL, State.BLOCKED])
async def test_another_verdict_is_no_completion(sink: Sink, state: State) -> None:
    await written(sink, release(1, 10))
    await sink.bookkeeping.declare(headers(), state, "why", 0)
    row = (await sink.bookkeeping.run_rows())[RELEASE]
    assert (row.state, row.detail, row.rows_at_complete, row.complete_run) == (state, "why", 0, 0)


async def test_an_older_dump_is_refused_unless_it_may_come_back(sink: Sink) -> None:
    assert await sink.bookkeeping.refusals() == {}
    await sink.bookkeeping.advance(headers(3, dump=20260901))
    for _ in range(2):
        assert (await sink.bookkeeping.advance(headers(5, dump=20260801))).run == 3
    refusals = await sink.bookkeeping.refusals()
    assert refusals.keys() == {5}
    assert "20260801 is older than that of 20260901" in refusals[5]
    allowed = replace(headers(6, dump=20260801), allow_older=True)
    assert (await sink.bookkeeping.advance(allowed)).dump == 20260801
    assert await sink.bookkeeping.refusals() == refusals


async def test_a_refused_run_stays_out_whatever_the_sink_goes_back_to(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(3, dump=20260901))
    late = headers(9, dump=20260801)
    await sink.bookkeeping.advance(late)
    await sink.bookkeeping.advance(replace(headers(6, dump=20260701), allow_older=True))
    row = await sink.bookkeeping.advance(late)
    assert (row.run, row.dump) == (6, 20260701)
    assert (await sink.bookkeeping.advance(headers(10, dump=20260801))).run == 10
