"""What every sink keeps to, whatever database stands behind it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from common.entities import Entity
from common.errors import RunSupersededError, TransientError
from common.messages import Headers, Kind, Range
from common.records import Record, RecordData, Release
from common.reports import State
from loaders.sink import Digest, Rejection, Sink, Written
from tests.contract.sinks import HARNESSES, Content, Harness

RELEASE = Entity.RELEASE
ALL = Range(index=0, ranges=1, first=0, last=65_536, bitmap=b"", count=0, total=0)


@pytest.fixture(params=list(HARNESSES))
def harness(request: pytest.FixtureRequest) -> Harness:
    return HARNESSES[request.param](request)


@pytest.fixture
async def sink(harness: Harness) -> AsyncIterator[Sink]:
    async with opened(harness) as sink:
        yield sink


@asynccontextmanager
async def opened(harness: Harness) -> AsyncIterator[Sink]:
    sink = harness.sink()
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


def headers(run: int = 1, entity: Entity = RELEASE, dump: int = 20260801) -> Headers:
    return Headers(kind=Kind.BATCH, entity=entity, run=run, dump=dump, count=0)


def release(
    record_id: int,
    fingerprint: int,
    title: str = "Blue",
    artists: Sequence[int] = (3,),
    genres: Sequence[str] = ("Jazz",),
) -> Record:
    data: Release = {
        "title": title,
        "artists": [{"id": artist, "name": f"Artist {artist}"} for artist in artists],
        "genres": list(genres),
    }
    return {"id": record_id, "fingerprint": fingerprint, "data": data}


async def written(sink: Sink, *records: Record, run: int = 1) -> Written:
    await sink.advance(headers(run))
    return await sink.write(headers(run), records)


async def digest(sink: Sink, without: Sequence[int] = ()) -> Digest:
    return await sink.digest(RELEASE, ALL, without)


async def test_a_written_record_is_there(sink: Sink, harness: Harness) -> None:
    assert await written(sink, release(7, 70, "Blue", (3, 4), ("Jazz", "Rock"))) == Written(
        loaded=1
    )
    assert await harness.release(7) == Content("Blue", (3, 4), ("Jazz", "Rock"))
    assert await sink.rows(RELEASE) == 1


async def test_an_equal_record_is_not_written_again(sink: Sink, harness: Harness) -> None:
    await written(sink, release(7, 70, "Blue"))
    assert await written(sink, release(7, 70, "never looked at"), run=2) == Written(unchanged=1)
    assert await harness.release(7) == Content("Blue", (3,), ("Jazz",))


async def test_a_duplicated_delivery_changes_nothing(sink: Sink, harness: Harness) -> None:
    batch = [release(number, number * 10) for number in (1, 2, 3)]
    await written(sink, *batch)
    before = (await digest(sink), await harness.pieces(RELEASE, 2))
    assert await written(sink, *batch) == Written(unchanged=3)
    assert (await digest(sink), await harness.pieces(RELEASE, 2)) == before


async def test_a_changed_record_replaces_all_of_the_former(sink: Sink, harness: Harness) -> None:
    await written(sink, release(7, 70, "Blue", (3, 4, 5), ("Jazz", "Rock")), release(8, 80))
    pieces = await harness.pieces(RELEASE, 8)
    assert await written(sink, release(7, 71, "Green", (4,), ("Pop",)), run=2) == Written(loaded=1)
    assert await harness.release(7) == Content("Green", (4,), ("Pop",))
    assert await harness.pieces(RELEASE, 7) == pieces == await harness.pieces(RELEASE, 8)
    assert await sink.rows(RELEASE) == 2


async def test_a_batch_may_write_skip_and_replace_in_any_order_of_ids(
    sink: Sink, harness: Harness
) -> None:
    await written(sink, release(9, 90), release(2, 20))
    batch = [release(30, 300), release(9, 91, "Nine"), release(2, 20), release(1, 10)]
    assert await written(sink, *batch, run=2) == Written(loaded=3, unchanged=1)
    assert await sink.held(RELEASE, 0, 65_536) == [1, 2, 9, 30]
    assert await harness.release(9) == Content("Nine", (3,), ("Jazz",))


async def test_a_record_that_references_an_absent_one_does_not_make_a_row_of_it(
    sink: Sink,
) -> None:
    await written(sink, release(7, 70, artists=(3,)))
    assert await sink.rows(Entity.ARTIST) == 0
    assert await sink.held(Entity.ARTIST, 0, 65_536) == []


@pytest.mark.parametrize("entity", list(Entity))
async def test_every_entity_can_be_written_replaced_and_deleted(
    sink: Sink, harness: Harness, entity: Entity
) -> None:
    shapes: dict[Entity, tuple[RecordData, RecordData]] = {
        Entity.ARTIST: (
            {"name": "A", "aliases": [{"id": 2, "name": "B"}], "groups": [{"id": 4, "name": "C"}]},
            {"name": "A", "members": [{"id": 3, "name": "C"}]},
        ),
        Entity.LABEL: (
            {"name": "L", "parent": {"id": 9, "name": "P"}, "sublabels": [{"id": 2, "name": "S"}]},
            {"name": "L"},
        ),
        Entity.MASTER: (
            {"title": "M", "artists": [{"id": 3, "name": "A"}], "genres": ["Jazz", "Pop"]},
            {"title": "M", "genres": ["Jazz"]},
        ),
        Entity.RELEASE: (
            {"title": "R", "artists": [{"id": 3, "name": "A"}], "genres": ["Jazz"], "master_id": 1},
            {"title": "R", "artists": [{"name": "not linked"}]},
        ),
    }
    first, second = shapes[entity]
    await sink.advance(headers(entity=entity))
    await sink.write(headers(entity=entity), [{"id": 1, "fingerprint": 5, "data": first}])
    await sink.write(headers(entity=entity), [{"id": 1, "fingerprint": 6, "data": second}])
    await sink.write(headers(entity=entity), [{"id": 2, "fingerprint": 6, "data": second}])
    assert await harness.pieces(entity, 1) == await harness.pieces(entity, 2) > 0
    assert await sink.digest(entity, ALL, ()) == Digest(2, 12)
    assert await sink.delete(headers(entity=entity), [1]) == 1
    assert await harness.pieces(entity, 1) == 0
    assert await sink.held(entity, 0, 65_536) == [2]


async def test_a_digest_sums_fingerprints_of_either_sign_modulo_2_64(sink: Sink) -> None:
    extremes = [2**63 - 1, -(2**63), -1, 2**63 - 1, 2**62 + 12_345_678_901]
    await written(sink, *(release(n, value) for n, value in enumerate(extremes, 1)))
    assert await digest(sink) == Digest(5, sum(extremes) % 2**64)


async def test_a_digest_covers_the_range_and_leaves_ids_out(sink: Sink) -> None:
    await written(sink, *(release(n, n) for n in (1, 2, 65_535, 65_536, 2**31 - 1)))
    tail = Range(index=1, ranges=2, first=65_536, last=2**31, bitmap=b"", count=0, total=0)
    assert await digest(sink, without=[2, 500]) == Digest(2, 65_536)
    assert await sink.digest(RELEASE, tail, ()) == Digest(2, 65_536 + 2**31 - 1)
    assert await sink.held(RELEASE, 65_536, 2**31) == [65_536, 2**31 - 1]


async def test_nothing_held_is_a_digest_of_zero(sink: Sink) -> None:
    assert await digest(sink) == Digest(0, 0)
    assert await sink.held(RELEASE, 0, 65_536) == []


async def test_a_rejection_counts_in_place_of_its_row(sink: Sink, harness: Harness) -> None:
    await written(sink, release(1, 10), release(2, 20))
    rejections = [Rejection(2, 21, "too long"), Rejection(5, 50, "NUL")]
    assert await sink.write(headers(), [release(3, 30)], rejections) == Written(1, 0, 2)
    assert await digest(sink) == Digest(4, 10 + 21 + 30 + 50)
    assert await digest(sink, without=[2, 5]) == Digest(2, 40)
    assert await sink.held(RELEASE, 0, 65_536) == [1, 2, 3, 5]
    assert await sink.rows(RELEASE) == 3
    assert await sink.rejections(RELEASE) == rejections
    assert await sink.rejections(Entity.ARTIST) == []
    assert await harness.release(2) == Content("Blue", (3,), ("Jazz",))


async def test_the_same_rejection_again_changes_nothing(sink: Sink) -> None:
    await sink.advance(headers())
    for reason in ("NUL", "NUL again"):
        await sink.write(headers(), [], [Rejection(5, 50, reason)])
    assert await digest(sink) == Digest(1, 50)
    assert await sink.rejections(RELEASE) == [Rejection(5, 50, "NUL again")]


@pytest.mark.parametrize("fingerprint", [20, 21, 22], ids=["equal", "rejected", "other"])
async def test_a_rejection_goes_when_its_id_is_written_or_found_equal(
    sink: Sink, fingerprint: int
) -> None:
    await written(sink, release(2, 20))
    await sink.write(headers(), [], [Rejection(2, 21, "too long")])
    await sink.write(headers(), [release(2, fingerprint)])
    assert await digest(sink) == Digest(1, fingerprint)
    assert await sink.rejections(RELEASE) == []


async def test_rejections_outlive_the_run(sink: Sink) -> None:
    await sink.advance(headers(1))
    await sink.write(headers(1), [], [Rejection(5, 50, "NUL")])
    await sink.advance(headers(2))
    assert await digest(sink) == Digest(1, 50)


async def test_deleting_takes_rows_and_rejections(sink: Sink, harness: Harness) -> None:
    await written(sink, *(release(n, n * 10) for n in (1, 2, 3)))
    await sink.write(headers(), [], [Rejection(2, 21, "too long"), Rejection(9, 90, "NUL")])
    assert await sink.delete(headers(), [9, 2, 1, 500]) == 2
    assert await sink.held(RELEASE, 0, 65_536) == [3]
    assert await digest(sink) == Digest(1, 30)
    assert await sink.rejections(RELEASE) == []
    assert await harness.pieces(RELEASE, 1) == 0
    assert (await sink.run_rows())[RELEASE].deleted == 2


async def test_the_run_row_counts_what_was_committed(sink: Sink) -> None:
    await written(sink, release(1, 10), release(2, 20))
    await sink.write(headers(), [release(1, 10), release(2, 21)], [Rejection(3, 30, "NUL")])
    row = (await sink.run_rows())[RELEASE]
    assert (row.run, row.dump, row.state) == (1, 20260801, State.LOADING)
    assert (row.loaded, row.unchanged, row.rejected, row.deleted) == (3, 1, 1, 0)


async def test_a_new_sink_has_no_run_rows(sink: Sink) -> None:
    assert await sink.run_rows() == {}


async def test_advancing_is_monotone_and_starts_the_counts_anew(sink: Sink) -> None:
    await written(sink, release(1, 10), run=5)
    await sink.declare(headers(5), State.UNEQUAL, "1 range differs", 0)
    assert (await sink.advance(headers(4))).run == 5
    same = await sink.advance(headers(5))
    assert (same.run, same.loaded, same.state) == (5, 1, State.UNEQUAL)
    row = await sink.advance(headers(6, dump=20260901))
    assert (row.run, row.dump, row.loaded, row.state) == (6, 20260901, 0, State.LOADING)
    assert row.detail == ""
    assert (await sink.run_rows())[RELEASE] == row


async def test_advancing_one_entity_leaves_the_others(sink: Sink) -> None:
    await sink.advance(headers(3, Entity.ARTIST))
    await sink.advance(headers(9, Entity.LABEL))
    assert {e: row.run for e, row in (await sink.run_rows()).items()} == {
        Entity.ARTIST: 3,
        Entity.LABEL: 9,
    }


async def test_ranges_come_back_as_they_were_by_index(sink: Sink) -> None:
    await sink.advance(headers())
    ranges = [
        Range(0, 2, 0, 65_536, b"\x06\x01", 3, 2**64 - 1, (8,), hold_deletions=True),
        Range(1, 2, 65_536, 2**31, b"", 0, 0),
    ]
    for range_ in reversed(ranges):
        await sink.store_range(headers(), range_)
    await sink.store_range(headers(), ranges[0])
    assert await sink.ranges(RELEASE, 1) == ranges
    assert await sink.ranges(RELEASE, 2) == []
    assert await sink.ranges(Entity.LABEL, 1) == []


async def test_advancing_forgets_the_older_run_s_ranges(sink: Sink) -> None:
    await sink.advance(headers(1))
    await sink.store_range(headers(1), ALL)
    await sink.advance(headers(1))
    assert await sink.ranges(RELEASE, 1) == [ALL]
    await sink.advance(headers(2))
    assert await sink.ranges(RELEASE, 1) == []


async def test_a_superseded_run_writes_nothing(sink: Sink, harness: Harness) -> None:
    await written(sink, release(1, 10), release(2, 20), run=1)
    await sink.write(headers(1), [], [Rejection(6, 60, "NUL")])
    row = await sink.advance(headers(2))
    before = await digest(sink)
    with pytest.raises(RunSupersededError):
        await sink.write(headers(1), [release(1, 11, "other"), release(3, 30)])
    with pytest.raises(RunSupersededError):
        await sink.write(headers(1), [release(6, 60)], [Rejection(2, 21, "NUL")])
    with pytest.raises(RunSupersededError):
        await sink.delete(headers(1), [1, 6])
    assert await digest(sink) == before
    assert await harness.release(1) == Content("Blue", (3,), ("Jazz",))
    assert await harness.pieces(RELEASE, 3) == 0
    assert (await sink.run_rows())[RELEASE] == row


async def test_a_superseded_run_stores_no_range_and_no_verdict(sink: Sink) -> None:
    await sink.advance(headers(1))
    row = await sink.advance(headers(2))
    with pytest.raises(RunSupersededError):
        await sink.store_range(headers(1), ALL)
    with pytest.raises(RunSupersededError):
        await sink.declare(headers(1), State.COMPLETE, "", 0)
    assert await sink.ranges(RELEASE, 1) == []
    assert (await sink.run_rows())[RELEASE] == row


async def test_a_run_that_never_advanced_writes_nothing(sink: Sink) -> None:
    with pytest.raises(RunSupersededError):
        await sink.write(headers(1), [release(1, 10)])
    assert await digest(sink) == Digest(0, 0)


async def test_a_complete_run_notes_the_rows_and_the_next_one_keeps_that(sink: Sink) -> None:
    await written(sink, release(1, 10), release(2, 20), run=3)
    await sink.write(headers(3), [], [Rejection(9, 90, "NUL")])
    await sink.declare(headers(3), State.COMPLETE, "complete, with exceptions", 1)
    row = (await sink.run_rows())[RELEASE]
    assert (row.state, row.detail, row.exceptions) == (
        State.COMPLETE,
        "complete, with exceptions",
        1,
    )
    assert (row.rows_at_complete, row.complete_run) == (2, 3)
    later = await sink.advance(headers(4))
    assert (later.exceptions, later.rows_at_complete, later.complete_run) == (0, 2, 3)


@pytest.mark.parametrize("state", [State.UNEQUAL, State.BLOCKED])
async def test_another_verdict_is_no_completion(sink: Sink, state: State) -> None:
    await written(sink, release(1, 10))
    await sink.declare(headers(), state, "why", 0)
    row = (await sink.run_rows())[RELEASE]
    assert (row.state, row.detail, row.rows_at_complete, row.complete_run) == (state, "why", 0, 0)


async def test_refusals_are_kept_by_run(sink: Sink) -> None:
    assert await sink.refusals() == {}
    for run, reason in ((4, "older"), (4, "older"), (6, "older than 20260801")):
        await sink.refuse(headers(run), reason)
    assert await sink.refusals() == {4: "older", 6: "older than 20260801"}


async def test_preparing_twice_is_as_once_and_writing_goes_on(sink: Sink, harness: Harness) -> None:
    await written(sink, release(1, 10), release(2, 20))
    await sink.prepare(RELEASE)
    await sink.prepare(RELEASE)
    await written(sink, release(1, 11, "Green", ()), release(3, 30))
    await sink.sweep(RELEASE)
    assert await digest(sink) == Digest(3, 61)
    assert await harness.release(1) == Content("Green", (), ("Jazz",))


async def test_what_is_held_and_who_one_is_outlive_the_process(harness: Harness) -> None:
    async with opened(harness) as sink:
        await written(sink, release(1, 10))
        await sink.store_range(headers(), ALL)
        before = (await sink.identity(), await digest(sink), await sink.run_rows())
    async with opened(harness) as sink:
        assert (await sink.identity(), await digest(sink), await sink.run_rows()) == before
        assert await sink.ranges(RELEASE, 1) == [ALL]


async def test_a_recreated_database_is_another_one(harness: Harness) -> None:
    async with opened(harness) as sink:
        await written(sink, release(1, 10))
        before = await sink.identity()
    await harness.recreate()
    async with opened(harness) as sink:
        assert await sink.identity() != before
        assert await digest(sink) == Digest(0, 0)
        assert await sink.run_rows() == {}


async def test_two_loaders_may_open_an_empty_database_at_once(harness: Harness) -> None:
    first, second = harness.sink(), harness.sink()
    await asyncio.gather(first.open(), second.open())
    try:
        assert await first.identity() == await second.identity()
    finally:
        await asyncio.gather(first.close(), second.close())


async def test_two_loaders_writing_the_same_ids_end_right(harness: Harness) -> None:
    former = [release(n, n, "former", (3, 4)) for n in range(1, 41)]
    latter = [release(n, n + 1_000, "latter", (4, 5)) for n in range(1, 81)]
    async with opened(harness) as one, opened(harness) as other:
        await written(one, *former)
        await one.prepare(RELEASE)
        both = await asyncio.gather(
            _with_retries(one, latter), _with_retries(other, list(reversed(latter)))
        )
        assert sum(result.loaded + result.unchanged for result in both) == 160
        assert await digest(one) == Digest(80, sum(n + 1_000 for n in range(1, 81)))
    assert await harness.release(40) == Content("latter", (4, 5), ("Jazz",))
    assert {await harness.pieces(RELEASE, n) for n in (1, 40, 41, 80)} == {
        await harness.pieces(RELEASE, 2)
    }


@retry(retry=retry_if_exception_type(TransientError), stop=stop_after_attempt(20), reraise=True)
async def _with_retries(sink: Sink, records: list[Record]) -> Written:
    return await sink.write(headers(), records)


async def test_a_closed_sink_may_be_closed_again(harness: Harness) -> None:
    sink = harness.sink()
    await sink.open()
    await sink.close()
    await sink.close()
