"""Who has told something since we listen, and who has fallen silent: by no clock but our own."""

import time
from collections.abc import Callable, Iterable, Mapping

from common.errors import ServerError
from common.reports import Progress, SinkReport

SILENCE = 600.0
"""Seconds in which a loader must tell something; it does so once a second, also while it builds
indexes."""


class Liveness:
    """Tells what was told since we listen from what the store held before.

    A heartbeat is a mark that changes, no time: the clocks of the processes may be set meanwhile,
    and the store keeps what earlier runs have told.
    """

    def __init__(
        self, reports: Mapping[str, SinkReport], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._before = _marks(reports)
        self._clock = clock
        self._last: dict[str, float] = dict(self._before)
        self._heard: dict[str, float] = {}
        self._old_runs: frozenset[int] = frozenset()
        self._began = clock()

    def listen(self) -> None:
        """Give everybody his time anew: nothing could be heard, or was waited for, until now."""
        self._began = self._clock()
        self._heard.clear()

    def expect_runs(self, known: Iterable[Progress]) -> None:
        """Take the extractor's runs that the store knows for old: what is to come are others."""
        self._old_runs = frozenset(progress["run"] for progress in known)

    def new_runs(self, known: Iterable[Progress]) -> list[Progress]:
        """Return those that began since."""
        return [progress for progress in known if progress["run"] not in self._old_runs]

    def hear(self, reports: Mapping[str, SinkReport]) -> dict[str, SinkReport]:
        """Return the reports that were made since we listen."""
        for sink, mark in _marks(reports).items():
            if mark != self._last.get(sink):
                self._last[sink], self._heard[sink] = mark, self._clock()
        return {
            sink: report
            for sink, report in reports.items()
            if self._last[sink] != self._before.get(sink)
        }

    def check(self, sinks: Iterable[str]) -> None:
        """Raise `ServerError` when the loader of one of these has told nothing for too long."""
        now = self._clock()
        for sink in sinks:
            if now - self._heard.get(sink, self._began) > SILENCE:
                raise ServerError(
                    f"loader-{sink} has told the store nothing for {SILENCE:.0f} s, and its end "
                    "would be waited for in vain; the same command again continues"
                )


def _marks(reports: Mapping[str, SinkReport]) -> dict[str, float]:
    return {sink: report["heartbeat"] for sink, report in reports.items()}
