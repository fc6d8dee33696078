"""What the sinks report of a run never goes back: it comes from commits."""

import math
import time
from collections.abc import Callable, Mapping

from common.entities import Entity
from common.reports import EntityReport, SinkReport

_FRESH = 3.0  # s


class ProgressError(AssertionError):
    """A count of a run has gone back, or a sink has gone back to an older run."""


class Watch:
    """Looks at reports in the order in which the store gave them.

    Their heartbeats say nothing of it: they are marks, made by clocks that may be set.  With
    ``delayed``, where a link may deliver what its sender has given up long ago, they do: a report
    older than the last one is not looked at.
    """

    def __init__(self, *, delayed: bool = False) -> None:
        self._delayed = delayed
        self._newest: dict[str, float] = {}
        self._last: dict[tuple[str, Entity], tuple[int, int]] = {}
        self._left_out: set[str] = set()

    def look(self, reports: Mapping[str, SinkReport]) -> None:
        """Raise `ProgressError` when a report says less than one before."""
        for sink, report in reports.items():
            if sink not in self._left_out and not self._came_late(report):
                for entity, row in report["entities"].items():
                    self._compare(sink, entity, row)

    def forget(self) -> None:
        """Begin anew: the store goes back to what it held before."""
        self._last.clear()

    def leave_out(self, sink: str) -> None:
        """Look no more at a sink that has several loaders: each tells what it has seen last."""
        self._left_out.add(sink)

    def _came_late(self, report: SinkReport) -> bool:
        newest = self._newest.setdefault(report["sink"], report["heartbeat"])
        self._newest[report["sink"]] = max(newest, report["heartbeat"])
        return self._delayed and report["heartbeat"] < newest

    def _compare(self, sink: str, entity: Entity, row: EntityReport) -> None:
        now = row["run"], row["loaded"] + row["unchanged"] + row["rejected"]
        before = self._last.get((sink, entity), now)
        if now < before:
            raise ProgressError(f"{sink}, {entity}: {before} and then {now}")
        self._last[sink, entity] = now


class Pulse:
    """Tells whether loaders live: their heartbeats change, as our own clock counts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: dict[str, float] = {}
        self._changed: dict[str, float] = {}

    def beats(self, reports: Mapping[str, SinkReport]) -> bool:
        """Tell whether each sink has reported anew a moment ago."""
        now = self._clock()
        for sink, report in reports.items():
            mark = report["heartbeat"]
            if self._marks.setdefault(sink, mark) != mark:
                self._marks[sink], self._changed[sink] = mark, now
        return all(now - self._changed.get(sink, -math.inf) < _FRESH for sink in reports)
