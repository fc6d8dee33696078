"""What the sinks' memories of past runs have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from common.entities import Entity
from loaders.sink import PastRun, RunRow

KEPT = 200
"""Runs remembered of each entity: years of months, each run a few times."""


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
