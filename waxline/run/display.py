"""What `waxline run` shows while it runs: bars on a terminal, a line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live

from common.entities import LOAD_ORDER
from common.reports import Progress, done_by, server_of
from waxline.console import say
from waxline.run.bars import Bars, Reports, Runs, Verdicts

_LINE_EVERY = 2.0  # s
_LINE_WIDTH = 100  # columns


class Display:
    """Use it as a context; `show` may be called as often as one likes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._next_line = 0.0
        self._last_line = ""

    def show(self, runs: Runs, reports: Reports, verdicts: Verdicts) -> None:
        """Show how far extractor and sinks are."""
        if self._live:
            self._live.update(Bars(runs, reports, verdicts), refresh=True)
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + _LINE_EVERY
            self._print_line(line_of(runs, reports, verdicts))

    def say(self, sentence: str) -> None:
        """Print a sentence that stays, above the bars."""
        say(self._console, sentence)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.transient = error is None  # the tables tell it all; without them the bars
            self._live.stop()

    def _print_line(self, line: str) -> None:
        if line and line != self._last_line:
            self._last_line = line
            self.say(line)


def line_of(runs: Runs, reports: Reports, verdicts: Verdicts) -> str:
    """Return, in about 100 columns, how far those entities are that still move."""
    parts = [
        words
        for entity in LOAD_ORDER
        if entity in runs and (words := _in_words(runs[entity], reports, verdicts))
    ]
    line = "; ".join(parts)
    while len(line) > _LINE_WIDTH and len(parts) > 1:
        parts.pop()
        line = "; ".join([*parts, "…"])
    return line


def _in_words(progress: Progress, reports: Reports, verdicts: Verdicts) -> str:
    entity = progress["entity"]
    parts = [] if progress["done"] else [f"{_percent(progress)}% read"]
    for sink, report in sorted(reports.items()):
        verdict = verdicts.get((entity, sink))
        if verdict is None or not verdict.standing.final:
            done, sent = done_by(report, entity, progress["run"]), progress["sent"]
            waits = progress["done"] and done >= sent
            server = server_of(reports, sink)
            parts.append(f"{server} compares" if waits else f"{server} {done:,} of {sent:,}")
    return f"{entity.plural}: {', '.join(parts)}" if parts else ""


def _percent(progress: Progress) -> int:
    return round(100 * progress["position"] / progress["size"]) if progress["size"] else 0
