"""What a loader tells about its sink: a report for the store, a summary for the log."""

import time
from collections.abc import Mapping

from common.entities import LOAD_ORDER, Entity
from common.reports import EntityReport, SinkReport
from loaders.ledger import Ledger
from loaders.sink import RunRow


def make_report(
    sink: str,
    identity: str,
    ledger: Ledger,
    missing: Mapping[Entity, int | None],
    quiet: Mapping[Entity, bool],
) -> SinkReport:
    """Return the sink's report, from its own rows."""
    return SinkReport(
        sink=sink,
        identity=identity,
        heartbeat=time.time(),
        entities={
            entity: _entity_report(ledger.rows[entity], missing.get(entity), quiet[entity])
            for entity in LOAD_ORDER
            if entity in ledger.rows
        },
        refused={str(run): reason for run, reason in ledger.refused.items()},
    )


def _entity_report(row: RunRow, missing: int | None, quiet: bool) -> EntityReport:
    return EntityReport(
        run=row.run,
        dump=row.dump,
        state=row.state,
        detail=row.detail,
        loaded=row.loaded,
        unchanged=row.unchanged,
        rejected=row.rejected,
        deleted=row.deleted,
        rows=row.rows_at_complete,
        exceptions=row.exceptions,
        missing=-1 if missing is None else missing,
        quiet=quiet,
    )
