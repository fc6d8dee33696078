"""What a loader tells of a run never counts a batch twice, and never goes back."""

import asyncio
from dataclasses import replace

from common.entities import Entity
from common.messages import Headers, Kind
from common.records import Record
from loaders.run_rows import Ledger
from loaders.sink import RunRow, Written
from loaders.writer import Writer
from tests.fakes.sink import MemoryDatabase, MemorySink

HEADERS = Headers(Kind.BATCH, Entity.ARTIST, 7, 20260101, 2)
BATCH: list[Record] = [{"id": n, "fingerprint": n, "data": {"name": "A"}} for n in (1, 2)]


class SlowSink(MemorySink):
    """A sink whose answer about its rows takes until ``told``."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(database)
        self.told = asyncio.Event()
        self.told.set()

    async def run_rows(self) -> dict[Entity, RunRow]:
        rows = await super().run_rows()
        await self.told.wait()
        return rows


async def begun() -> tuple[SlowSink, Ledger]:
    sink = SlowSink(MemoryDatabase())
    ledger = Ledger(sink, Writer(sink, 1))
    assert await ledger.admits(HEADERS)
    return sink, ledger


async def write(sink: SlowSink) -> Written:
    return await sink.write(HEADERS, BATCH)


async def test_a_batch_is_counted_as_soon_as_it_is_committed() -> None:
    sink, ledger = await begun()
    ledger.note_written(Entity.ARTIST, await write(sink), ledger.refreshed)
    assert ledger.rows[Entity.ARTIST].loaded == 2


async def test_a_batch_that_a_refresh_has_seen_is_not_counted_again() -> None:
    sink, ledger = await begun()
    since = ledger.refreshed
    written = await write(sink)
    await ledger.refresh()
    ledger.note_written(Entity.ARTIST, written, since)
    assert ledger.rows[Entity.ARTIST].loaded == 2


async def test_rows_read_before_a_commit_do_not_take_it_back() -> None:
    sink, ledger = await begun()
    sink.told.clear()
    refreshing = asyncio.create_task(ledger.refresh())
    await asyncio.sleep(0)
    since = ledger.refreshed
    ledger.note_written(Entity.ARTIST, await write(sink), since)
    sink.told.set()
    await refreshing
    assert ledger.rows[Entity.ARTIST].loaded == 2


async def test_an_answer_to_an_advance_that_comes_late_takes_nothing_back() -> None:
    sink, ledger = await begun()
    early = ledger.rows[Entity.ARTIST]
    ledger.note_written(Entity.ARTIST, await write(sink), ledger.refreshed)
    ledger._note_current(early)
    assert ledger.rows[Entity.ARTIST].loaded == 2


SEPTEMBER = replace(HEADERS, run=7, dump=20260901)
BACK_TO_JULY = replace(HEADERS, run=8, dump=20260701, allow_older=True)
AUGUST = replace(HEADERS, run=9, dump=20260801)


async def two_at_september() -> tuple[Ledger, Ledger]:
    database = MemoryDatabase()
    ledgers = [
        Ledger(sink, Writer(sink, 1)) for sink in (MemorySink(database), MemorySink(database))
    ]
    for ledger in ledgers:
        assert await ledger.admits(SEPTEMBER)
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
