"""A sink's run rows as this process knows them, and the admission of messages by them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from enum import Enum, auto

import structlog

from common import faultpoints
from common.entities import Entity
from common.messages import Headers
from loaders.runs import RunRow
from loaders.sink import Bookkeeping, Written
from loaders.writer import Writer

log = structlog.get_logger()


class Admission(Enum):
    """What becomes of a message."""

    APPLY = auto()
    ADVANCE = auto()
    DROP = auto()


def admit(headers: Headers, row: RunRow | None, refused: Iterable[int]) -> Admission:
    """Decide by the run: an older one is dropped, a newer one has to become current first."""
    if headers.run in refused:
        return Admission.DROP
    if row is None:
        return Admission.ADVANCE
    if headers.run < row.run:
        return Admission.DROP
    return Admission.APPLY if headers.run == row.run else Admission.ADVANCE


class RunRows:
    """The rows may be older than the sink's: each writing transaction checks for itself."""

    def __init__(self, bookkeeping: Bookkeeping, writer: Writer) -> None:
        self.rows: dict[Entity, RunRow] = {}
        self.refused: dict[int, str] = {}
        self.dropped: Counter[Entity] = Counter()
        self.refreshed = 0
        self._advanced: set[Entity] = set()
        self._bookkeeping = bookkeeping
        self._writer = writer

    async def refresh(self) -> None:
        """Read the rows and refusals again.

        An answer that was on its way while a run became current may know nothing of that run.
        """
        self._advanced.clear()
        found = await self._writer.retrying(self._bookkeeping.run_rows)
        read = {entity: _later(self.rows.get(entity), row) for entity, row in found.items()}
        for entity in self._advanced:
            if entity not in read or self.rows[entity].run > read[entity].run:
                read[entity] = self.rows[entity]
        self.rows = read
        self.refreshed += 1
        self.refused = await self._writer.retrying(self._bookkeeping.refusals)

    async def admits(self, headers: Headers) -> bool:
        """Decide about a message's run, making it current first if it is newer.

        Whether a newer one may be is for the sink to say: another loader may have moved its row.
        """
        decision = admit(headers, self.rows.get(headers.entity), self.refused)
        if decision is Admission.ADVANCE:
            row = await self._writer.retrying(lambda: self._bookkeeping.advance(headers))
            faultpoints.passing("loader.advanced")
            self._note_current(row)
            if row.run < headers.run:
                await self._note_refused(headers)
            decision = admit(headers, row, self.refused)
        return decision is Admission.APPLY

    def note_dropped(self, headers: Headers, count: int) -> None:
        """Count messages of a run that is not loaded."""
        self.dropped[headers.entity] += count
        log.info("messages_dropped", entity=headers.entity, run=headers.run, count=count)

    def note_written(self, entity: Entity, written: Written, since: int) -> None:
        """Add to a row what a transaction has just added to the sink's.

        Rows that were read after it began, after ``since`` refreshes, may have it already; the
        next ones will.
        """
        row = self.rows.get(entity)
        if row and since == self.refreshed:
            self.rows[entity] = replace(
                row,
                loaded=row.loaded + written.loaded,
                unchanged=row.unchanged + written.unchanged,
                rejected=row.rejected + written.rejected,
            )

    def _note_current(self, row: RunRow) -> None:
        """Take over a row; the workers of a loader may all meet a new run at the same time."""
        known = self.rows.get(row.entity)
        if known is None or known.run != row.run:
            log.info("run_begins", entity=row.entity, run=row.run, dump=row.dump)
        self.rows[row.entity] = _later(known, row)
        self._advanced.add(row.entity)

    async def _note_refused(self, headers: Headers) -> None:
        self.refused = await self._writer.retrying(self._bookkeeping.refusals)
        reason = self.refused.setdefault(headers.run, "")
        log.warning("run_refused", entity=headers.entity, run=headers.run, reason=reason)


def _later(known: RunRow | None, read: RunRow) -> RunRow:
    """Return the later of a run's two rows: what was read may have been overtaken on the way."""
    if known is None or known.run != read.run:
        return read
    return known if _counted(known) > _counted(read) else read


def _counted(row: RunRow) -> int:
    return row.loaded + row.unchanged + row.rejected + row.deleted
