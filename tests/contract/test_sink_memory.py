"""What every sink remembers, whatever database it is: past runs, deletions, what it rejected."""

from dataclasses import replace

import pytest

from common.entities import Entity
from common.errors import RunSupersededError
from common.reports import State
from loaders.runs import REFUSED, RUNS_KEPT
from loaders.sink import Rejection, Sink
from tests.contract.sink_batches import RELEASE, headers, release, written
from tests.contract.sinks import Harness

AUGUST, SEPTEMBER = 20260801, 20260901


async def test_a_run_is_remembered_from_its_beginning_to_its_last_verdict(
    sink: Sink, harness: Harness
) -> None:
    assert await sink.bookkeeping.history(10) == []
    assert await harness.deletions() == set()
    await written(sink, release(1, 10))
    await sink.content.write(headers(), [], [Rejection(5, 50, "NUL")])
    (begun,) = await sink.bookkeeping.history(10)
    assert (begun.entity, begun.run, begun.dump) == (RELEASE, 1, AUGUST)
    assert (begun.outcome, begun.detail, begun.ended) == (State.LOADING, "", 0)
    assert begun.started > 0

    await sink.bookkeeping.declare(headers(), State.UNEQUAL, "1 range differs", 0)
    (unequal,) = await sink.bookkeeping.history(10)
    assert (unequal.outcome, unequal.detail) == (State.UNEQUAL, "1 range differs")
    await sink.bookkeeping.declare(headers(), State.COMPLETE, "1 rejected", 1)
    (run,) = await sink.bookkeeping.history(10)
    assert (run.outcome, run.detail, run.exceptions) == (State.COMPLETE, "1 rejected", 1)
    assert (run.loaded, run.rejected) == (1, 1)
    assert run.started == unequal.started == begun.started
    assert run.ended >= unequal.ended >= run.started


async def test_a_run_keeps_its_counts_and_outcome_when_another_follows(sink: Sink) -> None:
    await written(sink, release(1, 10), release(2, 20), run=1)
    await sink.content.delete(headers(1), [2])
    await sink.bookkeeping.declare(headers(1), State.COMPLETE, "", 0)
    (before,) = await sink.bookkeeping.history(10)
    await written(sink, release(1, 10), release(3, 30), run=2)
    await sink.bookkeeping.advance(headers(3))
    last, unfinished, complete = await sink.bookkeeping.history(10)
    assert complete == before
    assert (complete.outcome, complete.loaded, complete.deleted) == (State.COMPLETE, 2, 1)
    assert (unfinished.outcome, unfinished.loaded, unfinished.unchanged) == (State.LOADING, 1, 1)
    assert (unfinished.run, unfinished.ended, last.run) == (2, 0, 3)


async def test_a_run_that_does_not_become_current_is_not_remembered(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(5, dump=SEPTEMBER))
    await sink.bookkeeping.advance(headers(4, dump=SEPTEMBER))
    with pytest.raises(RunSupersededError):
        await sink.bookkeeping.declare(headers(4), State.COMPLETE, "", 0)
    assert [(run.run, run.outcome) for run in await sink.bookkeeping.history(10)] == [
        (5, State.LOADING)
    ]


async def test_a_refused_run_is_remembered_once(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(5, dump=SEPTEMBER))
    for _ in range(2):
        await sink.bookkeeping.advance(headers(6))
    refused, held = await sink.bookkeeping.history(10)
    assert (refused.run, refused.dump, refused.entity) == (6, AUGUST, RELEASE)
    assert (refused.outcome, refused.loaded) == (REFUSED, 0)
    assert "is older than" in refused.detail
    assert refused.started == refused.ended > 0
    assert held.run == 5


async def test_the_newest_runs_of_all_entities_come_first(sink: Sink) -> None:
    for run, entity in ((3, Entity.ARTIST), (9, Entity.LABEL), (5, RELEASE), (7, RELEASE)):
        await sink.bookkeeping.advance(headers(run, entity))
    assert [run.run for run in await sink.bookkeeping.history(10)] == [9, 7, 5, 3]
    assert [(run.run, run.entity) for run in await sink.bookkeeping.history(2)] == [
        (9, Entity.LABEL),
        (7, RELEASE),
    ]


async def test_the_oldest_runs_are_forgotten(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(1, Entity.ARTIST))
    for run in range(RUNS_KEPT + 3):
        await sink.bookkeeping.advance(headers(run))
    runs = [
        run.run for run in await sink.bookkeeping.history(2 * RUNS_KEPT) if run.entity is RELEASE
    ]
    assert runs == list(range(RUNS_KEPT + 2, 2, -1))
    assert len(await sink.bookkeeping.history(2 * RUNS_KEPT)) == RUNS_KEPT + 1


async def test_what_is_deleted_is_noted_with_the_dump(sink: Sink, harness: Harness) -> None:
    await written(sink, *(release(n, n * 10) for n in (1, 2, 3)), run=1)
    await sink.content.write(headers(1), [], [Rejection(9, 90, "NUL")])
    await sink.bookkeeping.advance(headers(2, dump=SEPTEMBER))
    with pytest.raises(RunSupersededError):
        await sink.content.delete(headers(1), [1])
    await sink.content.write(headers(2, dump=SEPTEMBER), [release(3, 31)])
    assert await harness.deletions() == set()
    for _ in range(2):
        await sink.content.delete(headers(2, dump=SEPTEMBER), [9, 2, 1, 500])
    assert await harness.deletions() == {(RELEASE, 1, SEPTEMBER), (RELEASE, 2, SEPTEMBER)}


async def test_the_same_dump_takes_a_deletion_back_and_a_later_one_does_not(
    sink: Sink, harness: Harness
) -> None:
    await written(sink, release(1, 10), release(2, 20), run=1)
    await sink.content.delete(headers(1), [1, 2])
    await written(sink, release(1, 10), run=2)
    assert await harness.deletions() == {(RELEASE, 2, AUGUST)}
    await sink.bookkeeping.advance(headers(3, dump=SEPTEMBER))
    await sink.content.write(headers(3, dump=SEPTEMBER), [release(2, 20)])
    await sink.content.delete(headers(3, dump=SEPTEMBER), [1])
    assert await harness.deletions() == {(RELEASE, 2, AUGUST), (RELEASE, 1, SEPTEMBER)}


async def test_a_rejection_tells_its_run_and_record_until_it_is_written(sink: Sink) -> None:
    await sink.bookkeeping.advance(headers(7))
    data = '{"title": "' + "\\u0000" * 100_000 + '"}'
    rejection = Rejection(5, 50, "NUL", run=7, dump=AUGUST, record=data)
    await sink.content.write(headers(7), [], [rejection])
    assert await sink.bookkeeping.rejections(RELEASE) == [replace(rejection, record="")]
    assert await sink.bookkeeping.rejected_record(RELEASE, 5) == data
    assert await sink.bookkeeping.rejected_record(RELEASE, 6) == ""
    # Sent again as it was, it is tried again, and not skipped as unchanged.
    again = await written(sink, release(5, 50), run=8)
    assert (again.loaded, again.unchanged) == (1, 0)
    assert await sink.bookkeeping.rejections(RELEASE) == []
    assert await sink.bookkeeping.rejected_record(RELEASE, 5) == ""
