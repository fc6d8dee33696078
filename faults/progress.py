"""What the sinks report of a run never goes back: it comes from commits."""

from collections.abc import Mapping

from common.entities import Entity
from common.reports import EntityReport, SinkReport


class ProgressError(AssertionError):
    """A count of a run has gone back, or a sink has gone back to an older run."""


class Watch:
    """Looks at reports in the order of their heartbeats."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, Entity], tuple[int, int]] = {}
        self._heartbeats: dict[str, float] = {}

    def look(self, reports: Mapping[str, SinkReport]) -> None:
        """Raise `ProgressError` when a report says less than one before; old ones are left out."""
        for sink, report in reports.items():
            if report["heartbeat"] >= self._heartbeats.get(sink, 0.0):
                self._heartbeats[sink] = report["heartbeat"]
                for entity, row in report["entities"].items():
                    self._compare(sink, entity, row)

    def _compare(self, sink: str, entity: Entity, row: EntityReport) -> None:
        now = row["run"], row["loaded"] + row["unchanged"] + row["rejected"]
        before = self._last.get((sink, entity), now)
        if now < before:
            raise ProgressError(f"{sink}, {entity}: {before} and then {now}")
        self._last[sink, entity] = now
