"""What a loader tells of a run never counts a batch twice, and never goes back."""

import asyncio
from dataclasses import replace

from common.entities import Entity
from common.messages import Headers, Kind
from common.records import Record
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.sink import Written
from loaders.writer import Writer
from tests.fakes.database import MemoryDatabase
from tests.fakes.sink import MemoryBookkeeping, MemorySink

HEADERS = Headers(Kind.BATCH, Entity.ARTIST, 7, 20260101, 2)
BATCH: list[Record] = [{"id": n, "fingerprint": n, "data": {"name": "A"}} for n in (1, 2)]


class SlowBookkeeping(MemoryBookkeeping):
    """Its answer about its rows takes until ``told``."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(database)
        self.told = asyncio.Event()
        self.told.set()

    async def run_rows(self) -> dict[Entity, RunRow]:
        rows = await super().run_rows()
        await self.told.wait()
        return rows


class SlowSink(MemorySink):
    """A sink with such a bookkeeping."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(database)
        self.bookkeeping: SlowBookkeeping = SlowBookkeeping(database)


async def begun() -> tuple[SlowSink, RunRows]:
    sink = SlowSink(MemoryDatabase())
    run_rows = RunRows(sink.bookkeeping, Writer(sink, 1))
    assert await run_rows.admits(HEADERS)
    return sink, run_rows


async def write(sink: SlowSink) -> Written:
    return await sink.content.write(HEADERS, BATCH)


async def test_a_batch_is_counted_as_soon_as_it_is_committed() -> None:
    sink, run_rows = await begun()
    run_rows.note_written(Entity.ARTIST, await write(sink), run_rows.refreshed)
    assert run_rows.rows[Entity.ARTIST].loaded == 2


async def test_a_batch_that_a_refresh_has_seen_is_not_counted_again() -> None:
    sink, run_rows = await begun()
    since = run_rows.refreshed
    written = await write(sink)
    await run_rows.refresh()
    run_rows.note_written(Entity.ARTIST, written, since)
    assert run_rows.rows[Entity.ARTIST].loaded == 2


async def test_rows_read_before_a_commit_do_not_take_it_back() -> None:
    sink, run_rows = await begun()
    sink.bookkeeping.told.clear()
    refreshing = asyncio.create_task(run_rows.refresh())
    await asyncio.sleep(0)
    since = run_rows.refreshed
    run_rows.note_written(Entity.ARTIST, await write(sink), since)
    sink.bookkeeping.told.set()
    await refreshing
    assert run_rows.rows[Entity.ARTIST].loaded == 2


async def test_an_answer_to_an_advance_that_comes_late_takes_nothing_back() -> None:
    sink, run_rows = await begun()
    early = run_rows.rows[Entity.ARTIST]
    run_rows.note_written(Entity.ARTIST, await write(sink), run_rows.refreshed)
    run_rows._note_current(early)
    assert run_rows.rows[Entity.ARTIST].loaded == 2


async def test_rows_read_before_a_run_began_do_not_take_it_back() -> None:
    sink, run_rows = await begun()
    sink.bookkeeping.told.clear()
    refreshing = asyncio.create_task(run_rows.refresh())
    await asyncio.sleep(0)
    assert await run_rows.admits(replace(HEADERS, run=8))
    sink.bookkeeping.told.set()
    await refreshing
    assert run_rows.rows[Entity.ARTIST].run == 8
    await run_rows.refresh()
    assert run_rows.rows[Entity.ARTIST].run == 8


async def test_rows_read_before_the_first_run_began_do_not_take_it_away() -> None:
    sink = SlowSink(MemoryDatabase())
    run_rows = RunRows(sink.bookkeeping, Writer(sink, 1))
    sink.bookkeeping.told.clear()
    refreshing = asyncio.create_task(run_rows.refresh())
    await asyncio.sleep(0)
    assert await run_rows.admits(HEADERS)
    sink.bookkeeping.told.set()
    await refreshing
    assert run_rows.rows[Entity.ARTIST].run == HEADERS.run


SEPTEMBER = replace(HEADERS, run=7, dump=20260901)
BACK_TO_JULY = replace(HEADERS, run=8, dump=20260701, allow_older=True)
AUGUST = replace(HEADERS, run=9, dump=20260801)


async def two_at_september() -> tuple[RunRows, RunRows]:
    database = MemoryDatabase()
    ledgers = [
        RunRows(sink.bookkeeping, Writer(sink, 1))
        for sink in (MemorySink(database), MemorySink(database))
    ]
    for run_rows in ledgers:
        assert await run_rows.admits(SEPTEMBER)
    return ledgers[0], ledgers[1]


async def test_a_loader_whose_row_is_out_of_date_refuses_nothing_by_it() -> None:
    behind, ahead = await two_at_september()
    assert await ahead.admits(BACK_TO_JULY)
    assert await behind.admits(AUGUST)
    assert await ahead.admits(AUGUST)


async def test_what_one_loader_has_refused_no_other_loads() -> None:
    behind, ahead = await two_at_september()
    assert not await behind.admits(AUGUST)
    assert await ahead.admits(BACK_TO_JULY)
    assert not await ahead.admits(AUGUST)
    assert ahead.refused.keys() == {AUGUST.run}
