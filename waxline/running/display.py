"""What `waxline run` shows while it runs: bars on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from common.entities import LOAD_ORDER, Entity
from common.reports import Progress, SinkReport
from waxline.running.verdict import Verdict

_LINE_EVERY = 2.0  # s
_LINE_WIDTH = 100  # columns
_BAR_WIDTH = 30

Readings = Mapping[Entity, Progress]
Reports = Mapping[str, SinkReport]
Verdicts = Mapping[tuple[Entity, str], Verdict]


class Display:
    """Use it as a context; `show` may be called as often as one likes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._next_line = 0.0
        self._last_line = ""

    def show(self, readings: Readings, reports: Reports, verdicts: Verdicts) -> None:
        """Show how far extractor and sinks are."""
        if self._live:
            self._live.update(_bars(readings, reports, verdicts), refresh=True)
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + _LINE_EVERY
            self._print_line(line_of(readings, reports, verdicts))

    def say(self, sentence: str) -> None:
        """Print a sentence that stays, above the bars."""
        self._console.print(sentence, soft_wrap=True, highlight=False, markup=False)

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
            self._live.stop()

    def _print_line(self, line: str) -> None:
        if line and line != self._last_line:
            self._last_line = line
            self.say(line)


def line_of(readings: Readings, reports: Reports, verdicts: Verdicts) -> str:
    """Return, in about 100 columns, how far those entities are that still move."""
    parts = [
        words
        for entity in LOAD_ORDER
        if entity in readings and (words := _in_words(readings[entity], reports, verdicts))
    ]
    line = "; ".join(parts)
    return line if len(line) <= _LINE_WIDTH else f"{line[: _LINE_WIDTH - 2]} …"


def done_by(report: SinkReport | None, entity: Entity, run: int) -> int:
    """Return how many records of a run a sink has seen to."""
    row = report["entities"].get(entity) if report else None
    if row is None or row["run"] != run:
        return 0
    return row["loaded"] + row["unchanged"] + row["rejected"]


def _in_words(reading: Progress, reports: Reports, verdicts: Verdicts) -> str:
    entity = reading["entity"]
    parts = [] if reading["done"] else [f"{_percent(reading)}% read"]
    for sink, report in sorted(reports.items()):
        verdict = verdicts.get((entity, sink))
        if verdict is None or not verdict.standing.final:
            done, sent = done_by(report, entity, reading["run"]), reading["sent"]
            waits = reading["done"] and done >= sent
            parts.append(f"{sink} compares" if waits else f"{sink} {done:,} of {sent:,}")
    return f"{entity.plural}: {', '.join(parts)}" if parts else ""


def _percent(reading: Progress) -> int:
    return round(100 * reading["position"] / reading["size"]) if reading["size"] else 0


def _bars(readings: Readings, reports: Reports, verdicts: Verdicts) -> Group:
    table = Table.grid(padding=(0, 1))
    for entity in LOAD_ORDER:
        reading = readings.get(entity)
        if reading is None:
            continue
        elapsed = max(reading["heartbeat"] - reading["started"], 0.001)
        table.add_row(
            entity.plural,
            "read",
            ProgressBar(
                total=reading["size"] or 1, completed=reading["position"], width=_BAR_WIDTH
            ),
            f"{reading['read']:,} records, {reading['read'] / elapsed:,.0f}/s"
            f", {reading['unchanged']:,} unchanged",
        )
        for sink, report in sorted(reports.items()):
            done = done_by(report, entity, reading["run"])
            verdict = verdicts.get((entity, sink))
            table.add_row(
                "",
                sink,
                _bar(done, reading["sent"]),
                f"{done:,} of {reading['sent']:,}, {verdict.standing.value if verdict else ''}",
            )
    return Group(table)


def _bar(completed: int, total: int) -> ProgressBar:
    return ProgressBar(total=total or 1, completed=completed, width=_BAR_WIDTH)
