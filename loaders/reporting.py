"""What a loader tells about its sink: a report for the store, a summary for the log."""

import time
from collections.abc import Mapping

from common.entities import LOAD_ORDER, Entity
from common.reports import EntityReport, SinkReport, State
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.sink import Sink


def make_report(
    sink: Sink,
    identity: str,
    run_rows: RunRows,
    missing: Mapping[Entity, int | None],
    quiet: Mapping[Entity, bool],
) -> SinkReport:
    """Return the sink's report, from its own rows."""
    return SinkReport(
        sink=sink.name,
        server=sink.server,
        identity=identity,
        heartbeat=time.time(),
        entities={
            entity: _entity_report(row, missing.get(entity), quiet[entity])
            for entity in LOAD_ORDER
            for row in [run_rows.rows.get(entity) or _no_run(entity)]
        },
        refused={str(run): reason for run, reason in run_rows.refused.items()},
    )


def _no_run(entity: Entity) -> RunRow:
    """Return the row of an entity that no run has reached: run 0, before any other."""
    return RunRow(entity, 0, 0, State.LOADING, "", 0, 0, 0, 0, 0, 0, 0)


def _entity_report(row: RunRow, missing: int | None, quiet: bool) -> EntityReport:
    if row.state is not State.LOADING:
        missing = 0  # another loader of this sink may have decided: both say the same
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
