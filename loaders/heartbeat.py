"""What goes on beside the loop: finds the quiet moments to settle runs, and reports."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence

import structlog

from common.broker import Broker
from common.entities import LOAD_ORDER, Entity
from common.errors import TransientError
from common.messages import Range
from common.service import own_usage
from common.store import Store
from loaders.batcher import Batcher
from loaders.reporting import make_report
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.settling import Settler, is_final
from loaders.sink import Sink

log = structlog.get_logger()

BEAT_SECONDS = 1.0
_SHORTEST_SHARE = 0.1
_PATIENCE = 3
"""Quiet comparisons, a beat apart, that find a range unequal before it is called so: another
loader of this sink may still have its last batch in hand."""


class Heartbeat:
    """Beats once a second: refreshes the rows, settles what is quiet, reports.

    It beats at once when a range has come, which may be the last of its run.  It reports
    beside the settling, which may take hours (indexes), and once more after each verdict.  An
    entity counts as quiet when its queue is empty and settling it has found nothing more to do.
    """

    def __init__(
        self,
        sink: Sink,
        identity: str,
        broker: Broker,
        store: Store,
        batcher: Batcher,
        run_rows: RunRows,
        settler: Settler,
        summary_seconds: float,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._sink = sink
        self._identity = identity
        self._broker = broker
        self._store = store
        self._batcher = batcher
        self._run_rows = run_rows
        self._settler = settler
        self._summary_seconds = summary_seconds
        self._beat_seconds = beat_seconds
        self._missing: dict[Entity, int | None] = {}
        self._quiet = dict.fromkeys(LOAD_ORDER, False)
        self._found_unequal: Counter[Entity] = Counter()
        self._counted_at: dict[Entity, float] = {}
        self._settled_at: dict[Entity, RunRow] = {}

    async def keep_beating(self) -> None:
        """Beat until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_reporting())
            while True:
                self._batcher.range_done.clear()
                await self.beat()
                await self._pause()

    async def beat(self) -> None:
        """Refresh the rows, and settle every entity that is quiet."""
        await self._run_rows.refresh()
        for entity in LOAD_ORDER:
            empty = await self._is_empty(entity)
            if empty and (row := self._run_rows.rows.get(entity)):
                self._quiet[entity] = False
                await self._settle(row)
            self._quiet[entity] = empty

    async def report(self) -> None:
        """Tell the store how the sink stands."""
        holds = self._batcher.holds
        quiet = {entity: self._quiet[entity] and not holds(entity) for entity in LOAD_ORDER}
        report = make_report(self._sink, self._identity, self._run_rows, self._missing, quiet)
        try:
            await self._store.put_report(report)
        except TransientError as error:
            log.warning("report_not_told", error=str(error))

    async def _pause(self) -> None:
        shortest = self._beat_seconds * _SHORTEST_SHARE
        await asyncio.sleep(shortest)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._beat_seconds - shortest):
                await self._batcher.range_done.wait()

    async def _keep_reporting(self) -> None:
        clock = asyncio.get_running_loop().time
        last, summed_up = clock(), dict(self._run_rows.rows)
        while True:
            await self.report()
            await asyncio.sleep(self._beat_seconds)
            rows = dict(self._run_rows.rows)
            if clock() - last >= self._summary_seconds and rows != summed_up:
                self._log_summary(row for row in rows.values() if row != summed_up.get(row.entity))
                last, summed_up = clock(), rows

    async def _is_empty(self, entity: Entity) -> bool:
        if self._batcher.holds(entity):
            return False
        with contextlib.suppress(TransientError):
            empty = await self._broker.depth(self._sink.name, entity) == 0
            # What was delivered while the broker answered is in no count of its own.
            return empty and not self._batcher.holds(entity)
        return False

    async def _settle(self, row: RunRow) -> None:
        entity = row.entity
        if is_final(row) or self._settled_at.get(entity) == row:
            return
        outcome = await self._settler.settle(row)
        self._missing[entity] = outcome.missing
        if outcome.unequal:
            await self._judge(row, outcome.unequal)
        else:
            self._found_unequal.pop(entity, None)
        if self._run_rows.rows.get(entity) != row:
            await self.report()

    async def _judge(self, row: RunRow, unequal: Sequence[Range]) -> None:
        """Call ranges unequal when they stay so while nothing comes any more."""
        entity, now = row.entity, asyncio.get_running_loop().time()
        if now - self._counted_at.get(entity, -self._beat_seconds) < self._beat_seconds / 2:
            return  # a range has come, of any entity
        self._counted_at[entity] = now
        self._found_unequal[entity] += 1
        if self._found_unequal[entity] < _PATIENCE:
            return
        self._found_unequal[entity] = 0
        try:
            await self._settler.declare_unequal(row, unequal, self._store)
        except TransientError as error:
            log.warning("fingerprints_not_forgotten", entity=entity, error=str(error))
            return
        known = self._run_rows.rows.get(entity)
        if known and known.run == row.run:
            self._settled_at[entity] = known

    def _log_summary(self, rows: Iterable[RunRow]) -> None:
        for row in rows:
            log.info(
                "loading",
                sink=self._sink.name,
                entity=row.entity,
                state=row.state,
                loaded=row.loaded,
                unchanged=row.unchanged,
                rejected=row.rejected,
                deleted=row.deleted,
                **own_usage(),
            )
