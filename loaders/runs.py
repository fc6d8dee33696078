"""What a sink knows of runs: the one that it is at, for each entity, and those before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from common.entities import Entity
from common.reports import State

RUNS_KEPT = 200
"""Runs remembered of each entity: years of months, each run a few times."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """The sink's row about one entity.

    ``rows_at_complete`` is the number of rows when a run was last complete (0: never), and
    ``complete_run`` that run.
    """

    entity: Entity
    run: int
    dump: int
    state: State
    detail: str
    loaded: int
    unchanged: int
    rejected: int
    deleted: int
    exceptions: int
    rows_at_complete: int
    complete_run: int


REFUSED = "refused"
"""The outcome of a run that a sink did not load at all; the others are states."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """What a sink remembers of a run: its ``outcome`` (a `State` or `REFUSED`) and its counts.

    ``started`` and ``ended`` are seconds since the epoch, 0 where it is not known or, of
    ``ended``, where there is no verdict.  A run that another has followed keeps the outcome that
    it had then.
    """

    entity: Entity
    run: int
    dump: int
    outcome: str
    detail: str
    started: float
    ended: float
    loaded: int = 0
    unchanged: int = 0
    rejected: int = 0
    deleted: int = 0
    exceptions: int = 0


def with_current(
    past: Iterable[PastRun], rows: Mapping[Entity, RunRow], limit: int
) -> list[PastRun]:
    """Return runs, the newest first, the current ones as their rows say they are now."""
    found = {(run.entity, run.run): run for run in past}
    for row in rows.values():
        noted = found.get((row.entity, row.run))
        found[row.entity, row.run] = _current(row, noted)
    return sorted(found.values(), key=lambda run: (-run.run, run.entity))[:limit]


def _current(row: RunRow, noted: PastRun | None) -> PastRun:
    noted = noted or PastRun(row.entity, row.run, row.dump, "", "", 0, 0)
    return replace(
        noted,
        outcome=row.state.value,
        detail=row.detail,
        loaded=row.loaded,
        unchanged=row.unchanged,
        rejected=row.rejected,
        deleted=row.deleted,
        exceptions=row.exceptions,
    )
