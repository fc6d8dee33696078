"""The audit of one sink, on the fake: what is equal, what differs, what is not finished."""

from dataclasses import replace

import pytest

from common.entities import Entity
from common.messages import Headers, Kind, Range
from common.records import Record
from common.reports import State
from common.verdicts import Exceptions
from loaders.runs import RunRow
from loaders.sink import Rejection
from loaders.writer import Writer
from tests.fakes.database import MemoryDatabase
from tests.fakes.sink import MemoryBookkeeping, MemoryContent, MemorySink
from waxline.check.showing import audit_remarks, audit_table
from waxline.check.sink_audit import Audit, audit

LABEL = Entity.LABEL
HEADERS = Headers(Kind.BATCH, LABEL, 1, 20260401, 0)
BOTH = Range(index=0, ranges=2, first=0, last=65_536, bitmap=bytes([0b110]), count=2, total=30)
REST = Range(index=1, ranges=2, first=65_536, last=2**31, bitmap=b"", count=0, total=0)


def record(record_id: int, fingerprint: int) -> Record:
    return {"id": record_id, "fingerprint": fingerprint, "data": {"name": "L"}}


@pytest.fixture
async def sink() -> MemorySink:
    """A sink that holds labels 1 and 2 of a run that is complete."""
    sink = MemorySink(MemoryDatabase())
    await sink.bookkeeping.advance(HEADERS)
    await sink.content.write(HEADERS, [record(1, 10), record(2, 20)])
    await sink.bookkeeping.store_range(HEADERS, BOTH)
    await sink.bookkeeping.store_range(HEADERS, REST)
    await sink.bookkeeping.declare(HEADERS, State.COMPLETE, "", 0)
    return sink


async def audited(sink: MemorySink) -> tuple[Audit, list[str]]:
    found = await audit(sink, Writer(sink, 1), LABEL)
    return found, list(audit_remarks([found]))


async def test_a_complete_run_that_nobody_touched_is_equal(sink: MemorySink) -> None:
    found, remarks = await audited(sink)
    assert found.equal
    assert (found.rows, found.ranges, found.exceptions.count) == (2, 2, 0)
    assert remarks == []


async def test_what_was_never_loaded_is_not_equal(sink: MemorySink) -> None:
    found = await audit(sink, Writer(sink, 1), Entity.ARTIST)
    assert not found.equal
    assert list(audit_remarks([found])) == [
        "memory, artists: loading (nothing was ever loaded: `waxline run` loads a dump)"
    ]


async def test_a_range_that_differs_is_named_by_its_ids(sink: MemorySink) -> None:
    await sink.content.write(HEADERS, [record(70_000, 5)])
    await sink.content.distrust(HEADERS, [1])
    found, remarks = await audited(sink)
    assert not found.equal
    assert [range_.index for range_ in found.unequal] == [0, 1]
    assert remarks == ["memory, labels: 2 of 2 ranges differ: ids 0 to 65535, 65536 to 2147483647"]


async def test_a_run_whose_ranges_have_not_come_is_not_finished(sink: MemorySink) -> None:
    newer = replace(HEADERS, run=2)
    await sink.bookkeeping.advance(newer)
    assert (await audited(sink))[1] == [
        "memory, labels: loading (no ranges have come: the same `waxline run` finishes it)"
    ]
    await sink.bookkeeping.store_range(newer, BOTH)
    found, remarks = await audited(sink)
    assert not found.equal
    assert "1 ranges have not come" in remarks[0]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.BLOCKED, "blocked (so it is)"),
        (State.UNEQUAL, "differs (so it is)"),
        (State.LOADING, "loading (so it is)"),
    ],
)
async def test_a_run_without_a_good_end_is_not_equal(
    sink: MemorySink, state: State, said: str
) -> None:
    await sink.bookkeeping.declare(HEADERS, state, "so it is", 0)
    found, remarks = await audited(sink)
    assert not found.equal
    assert remarks == [f"memory, labels: {said}"]


async def test_exceptions_are_equal_and_said(sink: MemorySink) -> None:
    await sink.bookkeeping.store_range(HEADERS, replace(BOTH, count=1, total=10, quarantined=(2,)))
    await sink.content.write(HEADERS, [], [Rejection(1, 10, "NUL")])
    await sink.bookkeeping.declare(HEADERS, State.COMPLETE, "1 quarantined, 1 rejected", 2)
    found, remarks = await audited(sink)
    assert found.equal
    assert (found.exceptions.quarantined, found.exceptions.rejected) == (1, 1)
    assert remarks == ["memory, labels: equal, with exceptions (1 quarantined, 1 rejected)"]


async def test_what_a_run_could_not_safely_delete_is_no_difference(sink: MemorySink) -> None:
    await sink.content.write(HEADERS, [record(9, 90)])
    assert not (await audited(sink))[0].equal
    await sink.bookkeeping.store_range(HEADERS, replace(BOTH, hold_deletions=True))
    assert (await audited(sink))[0].equal


async def test_records_without_a_readable_id_are_exceptions_whatever_was_declared(
    sink: MemorySink,
) -> None:
    await sink.bookkeeping.store_range(HEADERS, replace(BOTH, left_out=5, without_id=4))
    found, remarks = await audited(sink)
    assert found.equal
    assert remarks == [
        "memory, labels: equal, with exceptions (5 quarantined, 4 of them without a readable id)"
    ]


class Overtaken(MemoryContent):
    """Another run begins while its ranges are compared."""

    async def rows(self, entity: Entity) -> int:
        """Begin another run first."""
        await MemoryBookkeeping(self._database).advance(replace(HEADERS, run=7))
        return await super().rows(entity)


async def test_a_run_that_begins_meanwhile_is_told(sink: MemorySink) -> None:
    sink.content = Overtaken(sink._database)
    found, remarks = await audited(sink)
    assert not found.equal
    assert remarks == ["memory, labels: superseded (by run 7)"]


def test_the_table_fits_80_columns_at_the_size_of_the_whole_catalogue() -> None:
    row = RunRow(Entity.RELEASE, 1, 20260801, State.COMPLETE, "", 0, 0, 0, 0, 0, 0, 1)
    left_out = Exceptions(quarantined=3, rejected=12)
    found = Audit("postgres", Entity.RELEASE, row, 19_192_301, left_out, 0, 640, [BOTH])
    excepted = Audit("postgres", Entity.RELEASE, row, 19_192_301, left_out, 0, 640)
    never = Audit("neo4j", Entity.ARTIST)
    lines = audit_table([found, excepted, never], 80)
    assert [line.split() for line in lines[1:]] == [
        [
            "releases",
            "postgres",
            "20260801",
            "19,192,301",
            "15",
            "1",
            "of",
            "640",
            "differs",
        ],
        [
            *("releases", "postgres", "20260801", "19,192,301", "15", "0", "of", "640"),
            *("with", "exceptions"),
        ],
        ["artists", "neo4j", "loading"],
    ]
