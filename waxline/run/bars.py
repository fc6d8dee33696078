"""The bars of a run on a terminal: a line for what is read, and one for each sink."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from common.entities import LOAD_ORDER, Entity
from common.reports import Progress, SinkReport, done_by, server_of
from common.verdicts import Standing, Verdict

Runs = Mapping[Entity, Progress]
Reports = Mapping[str, SinkReport]
Verdicts = Mapping[tuple[Entity, str], Verdict]

_WIDEST_BAR, _NARROWEST_BAR = 40, 4
_GAPS = 4
_SURE_SHARE = 0.02
"""Of a file: from there on its speed tells how long the rest takes."""

_STYLES = {
    Standing.EQUAL: "green",
    Standing.EXCEPTIONS: "yellow",
    Standing.WAITING: "",
}

_TEXTS, _NUMBER = (0, 1, 3, 4), 3
"""Places of a line's texts, and of its number."""


class _Line(NamedTuple):
    """What is shown of one dump or one sink; ``share`` is of 1."""

    entity: str
    who: str
    share: float
    number: str
    words: str
    style: str = ""


class Bars:
    """Fitted to the terminal: no number is cut, and the last lines are there when not all are."""

    def __init__(self, runs: Runs, reports: Reports, verdicts: Verdicts) -> None:
        self._lines = list(_lines(runs, reports, verdicts))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield a table, or a word while nothing is read yet."""
        if not self._lines:
            yield Text("Opening the databases …")
            return
        room = max(console.height - 1, 1)
        yield _table(self._lines[-room:], options.max_width)


def _table(lines: Sequence[_Line], width: int) -> Table:
    others = (column for place, column in enumerate(zip(*lines, strict=True)) if place in _TEXTS)
    taken = sum(max(len(str(cell)) for cell in column) for column in others)
    bar = max(_NARROWEST_BAR, min(_WIDEST_BAR, width - taken - _GAPS))
    table = Table.grid(padding=(0, 1))
    for place in range(len(_Line._fields) - 1):
        table.add_column(justify="right" if place == _NUMBER else "left", no_wrap=True)
    for line in lines:
        table.add_row(
            Text(line.entity, "bold"),
            line.who,
            ProgressBar(1, line.share, width=bar, complete_style="cyan", finished_style="green"),
            line.number,
            Text(line.words, line.style),
        )
    return table


def _lines(runs: Runs, reports: Reports, verdicts: Verdicts) -> Iterator[_Line]:
    for entity in LOAD_ORDER:
        if progress := runs.get(entity):
            share = progress["position"] / progress["size"] if progress["size"] else 0.0
            share = 1.0 if progress["done"] else share
            yield _Line(entity.plural, "read", share, f"{progress['read']:,}", _of(progress, share))
            for sink in sorted(reports, reverse=True):  # the tables' order, if nothing else is set
                done = done_by(reports[sink], entity, progress["run"])
                verdict = verdicts.get((entity, sink), Verdict(Standing.WAITING))
                yield _of_sink(server_of(reports, sink), progress, done, verdict.standing)


def _of(progress: Progress, share: float) -> str:
    """Return how fast a dump is read, and how long that still takes or what it has found."""
    elapsed = max(progress["heartbeat"] - progress["started"], 0.001)
    rate = f"{progress['read'] / elapsed:,.0f}/s"
    if not progress["done"]:
        left = f", {_time(elapsed * (1 - share) / share)} left" if share > _SURE_SHARE else ""
        return f"{rate}{left}"
    if not progress["unchanged"]:
        return rate
    # Rounded down: all is all.
    return f"{rate}, {100 * progress['unchanged'] // progress['read']}% unchanged"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _of_sink(server: str, progress: Progress, done: int, standing: Standing) -> _Line:
    sent = progress["sent"]
    share = min(done / sent, 1.0) if sent else float(progress["done"])
    if standing is not Standing.WAITING:
        said = standing.value.removeprefix("equal, ")  # to fit
    else:
        said = "comparing" if progress["done"] and done >= sent else f"of {sent:,}"
    return _Line("", server, share, f"{done:,}", said, _STYLES.get(standing, "red"))
