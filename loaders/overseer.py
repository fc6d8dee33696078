"""What goes on beside the loop: finds the quiet moments to settle runs, and reports."""

import asyncio
import contextlib
from collections import Counter

import structlog

from common.broker import Broker
from common.entities import LOAD_ORDER, Entity
from common.errors import TransientError
from common.service import own_usage
from common.store import Store
from config.settings import Settings
from loaders.intake import Intake
from loaders.ledger import Ledger
from loaders.reporting import make_report
from loaders.settling import Outcome, Settler, is_final
from loaders.sink import RunRow, Sink

log = structlog.get_logger()

_BEAT = 1.0  # s
_PATIENCE = 3
"""Quiet comparisons that find a range unequal before it is called so: another loader of this
sink may still have its last batch in hand."""


class Overseer:
    """Beats once a second: refreshes the rows, settles what is quiet, reports."""

    def __init__(
        self,
        sink: Sink,
        identity: str,
        broker: Broker,
        store: Store,
        intake: Intake,
        ledger: Ledger,
        settler: Settler,
        settings: Settings,
    ) -> None:
        self._sink = sink
        self._identity = identity
        self._broker = broker
        self._store = store
        self._intake = intake
        self._ledger = ledger
        self._settler = settler
        self._settings = settings
        self._missing: dict[Entity, int | None] = {}
        self._quiet = dict.fromkeys(LOAD_ORDER, False)
        self._found_unequal: Counter[Entity] = Counter()
        self._settled_at: dict[Entity, tuple[object, ...]] = {}

    async def watch(self) -> None:
        """Beat until cancelled."""
        clock = asyncio.get_running_loop().time
        last_summary, summed_up = clock(), None
        while True:
            await self.beat()
            await asyncio.sleep(_BEAT)
            rows = dict(self._ledger.rows)
            if clock() - last_summary >= self._settings.summary_seconds and rows != summed_up:
                last_summary, summed_up = clock(), rows
                self._log_summary(rows)

    async def beat(self) -> None:
        """Refresh, settle and report once."""
        await self._ledger.refresh()
        for entity in LOAD_ORDER:
            self._quiet[entity] = await self._is_quiet(entity)
            if self._quiet[entity] and (row := self._ledger.rows.get(entity)):
                await self._settle(row)
        await self._report()

    async def _is_quiet(self, entity: Entity) -> bool:
        if self._intake.in_hand[entity]:
            return False
        with contextlib.suppress(TransientError):
            return await self._broker.depth(self._sink.name, entity) == 0
        return False

    async def _settle(self, row: RunRow) -> None:
        entity = row.entity
        state = (row.run, row.loaded, row.unchanged, row.rejected, row.deleted)
        if is_final(row) or self._settled_at.get(entity) == (*state, self._missing.get(entity)):
            return
        outcome = await self._settler.settle(entity)
        self._missing[entity] = outcome.missing
        if outcome.unequal:
            await self._judge(entity, outcome, state)

    async def _judge(self, entity: Entity, outcome: Outcome, state: tuple[object, ...]) -> None:
        """Call ranges unequal when they stay so while nothing comes any more."""
        self._found_unequal[entity] += 1
        if self._found_unequal[entity] < _PATIENCE:
            return
        self._found_unequal[entity] = 0
        self._settled_at[entity] = (*state, outcome.missing)
        try:
            await self._settler.declare_unequal(entity, outcome.unequal, self._store)
        except TransientError as error:
            log.warning("fingerprints_not_forgotten", entity=entity, error=str(error))

    async def _report(self) -> None:
        report = make_report(
            self._sink.name, self._identity, self._ledger, self._missing, self._quiet
        )
        try:
            await self._store.put_report(report)
        except TransientError as error:
            log.warning("report_not_told", error=str(error))

    def _log_summary(self, rows: dict[Entity, RunRow]) -> None:
        for entity, row in rows.items():
            log.info(
                "loading",
                sink=self._sink.name,
                entity=entity,
                state=row.state,
                loaded=row.loaded,
                unchanged=row.unchanged,
                rejected=row.rejected,
                deleted=row.deleted,
                **own_usage(),
            )
