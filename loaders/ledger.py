"""A sink's run rows as this process knows them, and the admission of messages by them."""

from collections import Counter
from dataclasses import replace

import structlog

from common.entities import Entity
from common.messages import Headers
from common.truth import refusal
from loaders.decisions import Admission, admit
from loaders.sink import RunRow, Sink
from loaders.writing import Writer

log = structlog.get_logger()


class Ledger:
    """The rows may be older than the sink's: each writing transaction checks for itself."""

    def __init__(self, sink: Sink, writer: Writer) -> None:
        self.rows: dict[Entity, RunRow] = {}
        self.refused: dict[int, str] = {}
        self.dropped: Counter[Entity] = Counter()
        self._sink = sink
        self._writer = writer

    async def refresh(self) -> None:
        """Read the rows and refusals again."""
        self.rows = await self._writer.retrying(self._sink.run_rows)
        self.refused = await self._writer.retrying(self._sink.refusals)

    async def admits(self, headers: Headers) -> bool:
        """Decide about a message's run, making it current first if it is newer."""
        row = self.rows.get(headers.entity)
        decision = admit(headers, row, self.refused)
        if decision is Admission.ADVANCE:
            row = await self._writer.retrying(lambda: self._sink.advance(headers))
            self._note_current(row)
            decision = admit(headers, row, self.refused)
        if decision is Admission.REFUSE:
            await self._refuse(headers, row)
        return decision is Admission.APPLY

    def note_dropped(self, headers: Headers, count: int) -> None:
        """Count messages of a run that is not loaded."""
        self.dropped[headers.entity] += count
        log.info("messages_dropped", entity=headers.entity, run=headers.run, count=count)

    def note_written(self, entity: Entity, loaded: int, unchanged: int, rejected: int) -> None:
        """Add to a row what a transaction has just added to the sink's.

        A refresh that began before the run did may have taken the row away again.
        """
        if row := self.rows.get(entity):
            self.rows[entity] = replace(
                row,
                loaded=row.loaded + loaded,
                unchanged=row.unchanged + unchanged,
                rejected=row.rejected + rejected,
            )

    def _note_current(self, row: RunRow) -> None:
        """Take over a row; the workers of a loader may all meet a new run at the same time."""
        known = self.rows.get(row.entity)
        if known is None or known.run != row.run:
            log.info("run_begins", entity=row.entity, run=row.run, dump=row.dump)
        self.rows[row.entity] = row

    async def _refuse(self, headers: Headers, row: RunRow | None) -> None:
        reason = refusal(headers, row.dump) if row else ""
        await self._writer.retrying(lambda: self._sink.refuse(headers, reason))
        self.refused[headers.run] = reason
        log.warning("run_refused", entity=headers.entity, run=headers.run, reason=reason)
