"""A sink in memory."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from common.entities import Entity
from common.errors import TerminalError
from common.messages import Headers, Range, Span
from common.records import Record
from common.reports import State
from common.run_rules import FINGERPRINT_SPAN, refusal
from loaders.portions import RECORDS_AT_ONCE
from loaders.runs import REFUSED, PastRun, RunRow, with_current
from loaders.sink import Digest, Rejection, Written
from tests.fakes.database import MemoryDatabase, Row, Tables

_REFUSALS_TOLD = 48


def _takes_all(record: Record) -> bool:
    del record
    return True


class MemoryContent:
    """Implements `loaders.sink.Content`; ``takes`` tells which records it can hold."""

    summed_at_once = RECORDS_AT_ONCE

    def __init__(
        self, database: MemoryDatabase, takes: Callable[[Record], bool] = _takes_all
    ) -> None:
        self._database = database
        self._takes = takes

    async def write(
        self, headers: Headers, records: Sequence[Record], rejections: Sequence[Rejection] = ()
    ) -> Written:
        """Write what differs from what is held; nothing, if one record cannot be held."""
        with self._database.transaction(headers) as tables:
            loaded = sum(self._write(tables, headers, record) for record in records)
            self._accept(tables, [record["id"] for record in records])
            tables.rejections.update({rejection.id: rejection for rejection in rejections})
            written = Written(loaded, len(records) - loaded, len(rejections))
            tables.count(written)
        return written

    async def delete(self, headers: Headers, ids: Sequence[int]) -> int:
        """Delete records and rejections; return how many rows went."""
        with self._database.transaction(headers) as tables:
            gone = [i for i in ids if tables.rows.pop(i, None)]
            self._accept(tables, ids)
            tables.deletions |= {(i, headers.dump) for i in gone}
            tables.count(Written(), len(gone))
        return len(gone)

    async def distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        """Take rows for unknown."""
        with self._database.transaction(headers) as tables:
            held = [i for i in ids if i in tables.rows]
            tables.rows.update({i: replace(tables.rows[i], fingerprint=0) for i in held})
            self._accept(tables, ids)
        return len(held)

    async def digests(
        self, entity: Entity, spans: Sequence[Span], without: Collection[int]
    ) -> list[Digest]:
        """Sum up rows and rejections of each span, leaving out ``without``."""
        tables, left_out = self._database.tables[entity], set(without)
        found = []
        for span in spans:
            held = tables.fingerprints(*span)
            counted = [mark for i, mark in held.items() if i not in left_out]
            found.append(Digest(len(counted), sum(counted) % FINGERPRINT_SPAN))
        return found

    async def held(self, entity: Entity, spans: Sequence[Span]) -> list[int]:
        """Return the ids held in spans, rows and rejections, ascending."""
        tables = self._database.tables[entity]
        return sorted(i for span in spans for i in tables.fingerprints(*span))

    async def rows(self, entity: Entity) -> int:
        """Return the number of rows held."""
        return len(self._database.tables[entity].rows)

    async def prepare(self, entity: Entity) -> None:
        """Do nothing: nothing waits for the end of a first load."""

    async def sweep(self, entity: Entity) -> None:
        """Do nothing: rows leave nothing behind."""

    def _accept(self, tables: Tables, ids: Collection[int]) -> None:
        for record_id in ids:
            tables.rejections.pop(record_id, None)

    def _write(self, tables: Tables, headers: Headers, record: Record) -> bool:
        held = tables.rows.get(record["id"])
        if held and held.fingerprint == record["fingerprint"]:
            return False
        if not self._takes(record):
            raise TerminalError(f"record {record['id']} cannot be held")
        row = Row(record["fingerprint"], record["data"], headers.dump, headers.run)
        tables.rows[record["id"]] = row
        tables.deletions.discard((record["id"], headers.dump))
        return True


class MemoryBookkeeping:
    """Implements `loaders.sink.Bookkeeping`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        rows = {entity: tables.row for entity, tables in self._database.tables.items()}
        return {entity: row for entity, row in rows.items() if row}

    async def advance(self, headers: Headers) -> RunRow:
        """Make the run current if it is higher and not of an older dump that must stay out."""
        tables = self._database.tables[headers.entity].copy()
        held = tables.row
        if held is None or self._may_advance(held, headers):
            tables.note_run()
            tables.row = _fresh(headers, held)
            tables.ranges = {}
            tables.note_run(started=time.time())
            self._database.commit(headers, tables)
        assert tables.row
        if tables.row.run < headers.run and (reason := refusal(headers, tables.row.dump)):
            self._refuse(headers, reason)
        return tables.row

    async def declare(self, headers: Headers, state: State, detail: str, exceptions: int) -> None:
        """Set the verdict on the run."""
        with self._database.transaction(headers) as tables:
            row = tables.row
            row = row and replace(row, state=state, detail=detail, exceptions=exceptions)
            if row and state is State.COMPLETE:
                row = replace(row, rows_at_complete=len(tables.rows), complete_run=row.run)
            tables.row = row
            tables.note_run(ended=time.time())

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of the newest refused runs."""
        newest = sorted(self._database.refused.items())[-_REFUSALS_TOLD:]
        return dict(newest)

    async def history(self, limit: int) -> list[PastRun]:
        """Return what is remembered of the last runs, the newest first."""
        held = self._database.tables.values()
        past = [run for tables in held for run in tables.history.values()]
        return with_current(past, await self.run_rows(), limit)

    async def store_range(self, headers: Headers, range_: Range) -> None:
        """Store one range of the run."""
        with self._database.transaction(headers) as tables:
            tables.ranges[range_.index] = range_

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return the stored ranges of a run that are not known, by index."""
        tables = self._database.tables[entity]
        current = tables.row and tables.row.run == run
        indexes = sorted(tables.ranges.keys() - set(known)) if current else []
        return [tables.ranges[index] for index in indexes]

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected and not written since, by id."""
        rejections = self._database.tables[entity].rejections
        return [replace(rejections[record_id], record="") for record_id in sorted(rejections)]

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record."""
        rejection = self._database.tables[entity].rejections.get(record_id)
        return rejection.record if rejection else ""

    def _may_advance(self, held: RunRow, headers: Headers) -> bool:
        refused = headers.run in self._database.refused or refusal(headers, held.dump)
        return held.run < headers.run and not refused

    def _refuse(self, headers: Headers, reason: str) -> None:
        self._database.refused[headers.run] = reason
        now = time.time()
        past = PastRun(headers.entity, headers.run, headers.dump, REFUSED, reason, now, now)
        self._database.tables[headers.entity].history[headers.run] = past


class MemorySink:
    """Implements `loaders.sink.Sink`; ``takes`` tells which records it can hold."""

    def __init__(
        self, database: MemoryDatabase, takes: Callable[[Record], bool] = _takes_all
    ) -> None:
        self.name = self.server = database.name
        self.sessions = 2
        self.batch_size = 4
        self.content = MemoryContent(database, takes)
        self.bookkeeping = MemoryBookkeeping(database)
        self._database = database

    async def open(self) -> None:
        """Do nothing: the database is there."""

    async def look(self) -> bool:
        """Tell whether any run has reached the database."""
        return bool(await self.bookkeeping.run_rows())

    async def close(self) -> None:
        """Do nothing."""

    async def identity(self) -> str:
        """Return the database's identity."""
        return self._database.identity

    async def misfit(self, entity: Entity) -> str:
        """Return nothing: there are no options."""
        del entity
        return ""


def _fresh(headers: Headers, held: RunRow | None) -> RunRow:
    """Return the row of a run that begins, after another or none."""
    return RunRow(
        entity=headers.entity,
        run=headers.run,
        dump=headers.dump,
        state=State.LOADING,
        detail="",
        loaded=0,
        unchanged=0,
        rejected=0,
        deleted=0,
        exceptions=0,
        rows_at_complete=held.rows_at_complete if held else 0,
        complete_run=held.complete_run if held else 0,
    )
