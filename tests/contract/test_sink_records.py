"""What every sink keeps to, whatever database it is: how records are written and compared."""

import pytest

from common.entities import Entity
from common.messages import Range
from common.records import RecordData
from loaders.sink import Digest, Rejection, Sink, Written
from tests.contract.sink_batches import ALL, RELEASE, digest, headers, release, written
from tests.contract.sinks import Harness, HeldRelease


async def test_a_written_record_is_there(sink: Sink, harness: Harness) -> None:
    assert await written(sink, release(7, 70, "Blue", (3, 4), ("Jazz", "Rock"))) == Written(
        loaded=1
    )
    assert await harness.release(7) == HeldRelease("Blue", (3, 4), ("Jazz", "Rock"))
    assert await sink.content.rows(RELEASE) == 1


async def test_an_equal_record_is_not_written_again(sink: Sink, harness: Harness) -> None:
    await written(sink, release(7, 70, "Blue"))
    assert await written(sink, release(7, 70, "never looked at"), run=2) == Written(unchanged=1)
    assert await harness.release(7) == HeldRelease("Blue", (3,), ("Jazz",))


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
    assert await harness.release(7) == HeldRelease("Green", (4,), ("Pop",))
    assert await harness.pieces(RELEASE, 7) == pieces == await harness.pieces(RELEASE, 8)
    assert await sink.content.rows(RELEASE) == 2


async def test_a_batch_may_write_skip_and_replace_in_any_order_of_ids(
    sink: Sink, harness: Harness
) -> None:
    await written(sink, release(9, 90), release(2, 20))
    batch = [release(30, 300), release(9, 91, "Nine"), release(2, 20), release(1, 10)]
    assert await written(sink, *batch, run=2) == Written(loaded=3, unchanged=1)
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == [1, 2, 9, 30]
    assert await harness.release(9) == HeldRelease("Nine", (3,), ("Jazz",))


async def test_a_record_that_references_an_absent_one_does_not_make_a_row_of_it(
    sink: Sink,
) -> None:
    await written(sink, release(7, 70, artists=(3,)))
    assert await sink.content.rows(Entity.ARTIST) == 0
    assert await sink.content.held(Entity.ARTIST, [(0, 65_536)]) == []


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
    await sink.bookkeeping.advance(headers(entity=entity))
    await sink.content.write(headers(entity=entity), [{"id": 1, "fingerprint": 5, "data": first}])
    await sink.content.write(headers(entity=entity), [{"id": 1, "fingerprint": 6, "data": second}])
    await sink.content.write(headers(entity=entity), [{"id": 2, "fingerprint": 6, "data": second}])
    assert await harness.pieces(entity, 1) == await harness.pieces(entity, 2) > 0
    assert (await sink.content.digests(entity, [ALL.span], ()))[0] == Digest(2, 12)
    assert await sink.content.delete(headers(entity=entity), [1]) == 1
    assert await harness.pieces(entity, 1) == 0
    assert await sink.content.held(entity, [(0, 65_536)]) == [2]


async def test_a_digest_sums_fingerprints_of_either_sign_modulo_2_64(sink: Sink) -> None:
    extremes = [2**63 - 1, -(2**63), -1, 2**63 - 1, 2**62 + 12_345_678_901]
    await written(sink, *(release(n, value) for n, value in enumerate(extremes, 1)))
    assert await digest(sink) == Digest(5, sum(extremes) % 2**64)


async def test_a_digest_covers_the_range_and_leaves_ids_out(sink: Sink) -> None:
    await written(sink, *(release(n, n) for n in (1, 2, 65_535, 65_536, 2**31 - 1)))
    tail = Range(index=1, ranges=2, first=65_536, last=2**31, bitmap=b"", count=0, total=0)
    assert await digest(sink, without=[2, 500]) == Digest(2, 65_536)
    assert await sink.content.digests(RELEASE, [tail.span], ()) == [Digest(2, 65_536 + 2**31 - 1)]
    assert await sink.content.held(RELEASE, [(65_536, 2**31)]) == [65_536, 2**31 - 1]


async def test_nothing_held_is_a_digest_of_zero(sink: Sink) -> None:
    assert await digest(sink) == Digest(0, 0)
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == []


async def test_a_rejection_counts_in_place_of_its_row(sink: Sink, harness: Harness) -> None:
    await written(sink, release(1, 10), release(2, 20))
    rejections = [Rejection(2, 21, "too long"), Rejection(5, 50, "NUL")]
    assert await sink.content.write(headers(), [release(3, 30)], rejections) == Written(1, 0, 2)
    assert await digest(sink) == Digest(4, 10 + 21 + 30 + 50)
    assert await digest(sink, without=[2, 5]) == Digest(2, 40)
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == [1, 2, 3, 5]
    assert await sink.content.rows(RELEASE) == 3
    assert await sink.bookkeeping.rejections(RELEASE) == rejections
    assert await sink.bookkeeping.rejections(Entity.ARTIST) == []
    assert await harness.release(2) == HeldRelease("Blue", (3,), ("Jazz",))


async def test_the_same_rejection_again_changes_nothing(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers())
    for reason in ("NUL", "NUL again"):
        await sink.content.write(headers(), [], [Rejection(5, 50, reason)])
    assert await digest(sink) == Digest(1, 50)
    assert await sink.bookkeeping.rejections(RELEASE) == [Rejection(5, 50, "NUL again")]


@pytest.mark.parametrize("fingerprint", [20, 21, 22], ids=["equal", "rejected", "other"])
async def test_a_rejection_goes_when_its_id_is_written_or_found_equal(
    sink: Sink, fingerprint: int
) -> None:
    await written(sink, release(2, 20))
    await sink.content.write(headers(), [], [Rejection(2, 21, "too long")])
    await sink.content.write(headers(), [release(2, fingerprint)])
    assert await digest(sink) == Digest(1, fingerprint)
    assert await sink.bookkeeping.rejections(RELEASE) == []


async def test_rejections_outlive_the_run(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(1))
    await sink.content.write(headers(1), [], [Rejection(5, 50, "NUL")])
    await sink.bookkeeping.advance(headers(2))
    assert await digest(sink) == Digest(1, 50)


async def test_deleting_takes_rows_and_rejections(sink: Sink, harness: Harness) -> None:
    await written(sink, *(release(n, n * 10) for n in (1, 2, 3)))
    await sink.content.write(headers(), [], [Rejection(2, 21, "too long"), Rejection(9, 90, "NUL")])
    assert await sink.content.delete(headers(), [9, 2, 1, 500]) == 2
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == [3]
    assert await digest(sink) == Digest(1, 30)
    assert await sink.bookkeeping.rejections(RELEASE) == []
    assert await harness.pieces(RELEASE, 1) == 0
    assert (await sink.bookkeeping.run_rows())[RELEASE].deleted == 2
