"""What every sink keeps to when it is checked: looking changes nothing, distrust is mended."""

import pytest

from common.entities import Entity
from common.errors import RunSupersededError
from loaders.sink import Digest, Rejection, Sink, Written
from tests.contract.sink_batches import RELEASE, digest, headers, release, written
from tests.contract.sinks import Harness, HeldRelease


async def test_a_look_at_an_empty_database_finds_and_makes_nothing(harness: Harness) -> None:
    await harness.recreate()  # what there is may have a schema already
    for _ in range(2):
        looking = harness.sink()
        try:
            assert not await looking.look()
        finally:
            await looking.close()


async def test_a_look_sees_what_a_run_has_left(sink: Sink, harness: Harness) -> None:
    await written(sink, release(7, 70))
    looking = harness.sink()
    try:
        assert await looking.look()
        assert await looking.bookkeeping.run_rows() == await sink.bookkeeping.run_rows()
        assert await digest(looking) == Digest(1, 70)
        assert await looking.content.held(RELEASE, [(0, 65_536)]) == [7]
    finally:
        await looking.close()


async def test_a_distrusted_record_equals_none_and_is_written_again(
    sink: Sink, harness: Harness
) -> None:
    await written(sink, release(7, 70, "Blue", (3, 4)), release(8, 80), release(9, -90))
    pieces = await harness.pieces(RELEASE, 7)
    assert await sink.content.distrust(headers(), [9, 7, 500]) == 2
    assert await digest(sink) == Digest(3, 80)
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == [7, 8, 9]
    again = [release(7, 70, "Blue", (3, 4)), release(8, 80), release(9, -90)]
    assert await written(sink, *again, run=2) == Written(loaded=2, unchanged=1)
    assert await digest(sink) == Digest(3, 60)
    assert await harness.release(7) == HeldRelease("Blue", (3, 4), ("Jazz",))
    assert await harness.pieces(RELEASE, 7) == pieces


async def test_a_distrusted_rejection_goes_and_its_row_is_unknown(sink: Sink) -> None:
    await written(sink, release(7, 70))
    await sink.content.write(headers(), [], [Rejection(7, 71, "too long"), Rejection(8, 80, "NUL")])
    assert await sink.content.distrust(headers(), [7, 8]) == 1
    assert await sink.bookkeeping.rejections(RELEASE) == []
    assert await digest(sink) == Digest(1, 0)


async def test_a_distrusted_record_can_be_deleted(sink: Sink, harness: Harness) -> None:
    await written(sink, release(7, 70), release(8, 80))
    await sink.content.distrust(headers(), [7])
    assert await sink.content.delete(headers(), [7]) == 1
    assert await sink.content.held(RELEASE, [(0, 65_536)]) == [8]
    assert await harness.pieces(RELEASE, 7) == 0


async def test_only_the_current_run_may_distrust(sink: Sink) -> None:
    await written(sink, release(7, 70))
    await sink.bookkeeping.advance(headers(2))
    with pytest.raises(RunSupersededError):
        await sink.content.distrust(headers(1), [7])
    assert await digest(sink) == Digest(1, 70)


async def test_nothing_known_is_nothing_distrusted(sink: Sink) -> None:
    for entity in Entity:
        await sink.bookkeeping.advance(headers(entity=entity))
        assert await sink.content.distrust(headers(entity=entity), [1, 2]) == 0
        assert await sink.content.distrust(headers(entity=entity), []) == 0
