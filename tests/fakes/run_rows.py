"""What a sink in memory notes about runs."""

from dataclasses import replace

from common.messages import Headers
from common.reports import State
from loaders.history import KEPT, with_current
from loaders.sink import PastRun, RunRow, Written


def fresh(headers: Headers, held: RunRow | None) -> RunRow:
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


def counted(row: RunRow | None, written: Written, deleted: int = 0) -> RunRow | None:
    """Add what a transaction did."""
    return row and replace(
        row,
        loaded=row.loaded + written.loaded,
        unchanged=row.unchanged + written.unchanged,
        rejected=row.rejected + written.rejected,
        deleted=row.deleted + deleted,
    )


def note_run(history: dict[int, PastRun], row: RunRow, started: float, ended: float) -> None:
    """Note a run as it is, and forget the oldest."""
    noted = history.get(row.run) or PastRun(row.entity, row.run, row.dump, "", "", started, 0)
    noted = replace(noted, ended=ended or noted.ended)
    (history[row.run],) = with_current([noted], {row.entity: row}, 1)
    for run in sorted(history)[:-KEPT]:
        del history[run]
