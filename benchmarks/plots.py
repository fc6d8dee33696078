"""Plots of the results, as PNG."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.figures import Figure, Results
from benchmarks.goals import MEMORY

_INCHES = 9.0
_BAR_INCHES = 0.36
_OURS, _FLOOR, _GOAL = "#2b6ca3", "#b9c4cd", "#c0392b"


def draw(results: Results, folder: Path, page: str) -> dict[str, Path]:
    """Draw what there is to draw for a page; return the files by name."""
    drawn: dict[str, Canvas] = {}
    if results.figures:
        drawn["rates"] = _rates(results.figures)
    if results.curves:
        drawn["curves"] = _curves(results)
    if loads := [figure for figure in results.figures if figure.is_load]:
        drawn["processors"] = _processors(loads)
    if results.memory:
        drawn["memory"] = _memory(results)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{page}-{name}.png" for name in drawn}
    for name, drawing in drawn.items():
        drawing.savefig(paths[name], dpi=110)
    return paths


def _canvas(bars: int) -> tuple[Canvas, Axes]:
    """Make a plot that is as high as so many bars."""
    drawing = Canvas(figsize=(_INCHES, 1.4 + _BAR_INCHES * bars), layout="constrained")
    return drawing, drawing.subplots()


def _rates(figures: Sequence[Figure]) -> Canvas:
    drawing, axes = _canvas(len(figures))
    places = range(len(figures))
    floors = [figure.is_floor for figure in figures]
    axes.barh(
        places,
        [figure.rate for figure in figures],
        color=[_FLOOR if floor else _OURS for floor in floors],
    )
    for place, figure in zip(places, figures, strict=True):
        axes.text(figure.rate * 1.05, place, f"{figure.rate:,.0f}", va="center", fontsize=8)
        if figure.goal is not None:
            axes.plot([figure.goal] * 2, [place - 0.45, place + 0.45], color=_GOAL, linewidth=2)
    axes.set_yticks(places, [figure.title for figure in figures], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.12)
    axes.set_xlabel("records per second, logarithmic; grey: floors, red: goals")
    return drawing


def _curves(results: Results) -> Canvas:
    drawing, axes = _canvas(10)
    for name, curve in results.curves.items():
        axes.plot([at for at, _ in curve], [count for _, count in curve], label=name)
    axes.set_xlabel("seconds since the extractor was started")
    axes.set_ylabel("records in the sink")
    axes.legend(fontsize=8)
    return drawing


def _processors(loads: Sequence[Figure]) -> Canvas:
    drawing, axes = _canvas(len(loads) + 3)
    roles = list(dict.fromkeys(role for figure in loads for role in figure.cpu))
    left = [0.0] * len(loads)
    for role in roles:
        seconds = [figure.cpu.get(role, 0.0) for figure in loads]
        axes.barh(range(len(loads)), seconds, left=left, label=role)
        left = [a + b for a, b in zip(left, seconds, strict=True)]
    axes.set_yticks(range(len(loads)), [figure.title for figure in loads], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("CPU seconds")
    axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.3, -0.25))
    return drawing


def _memory(results: Results) -> Canvas:
    drawing, axes = _canvas(2 * len(results.memory))
    places = range(len(results.memory))
    small, large = results.memory_records
    for shift, which, color, count in (
        (-0.2, "small", _FLOOR, small),
        (0.2, "large", _OURS, large),
    ):
        peaks = [getattr(figure, which).rss for figure in results.memory]
        bars = [place + shift for place in places]
        axes.barh(bars, peaks, height=0.38, color=color, label=f"{count:,} releases")
    axes.axvline(MEMORY, color=_GOAL, label=f"goal: {MEMORY:.0f} MB")
    axes.set_yticks(places, [figure.process for figure in results.memory], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("MB resident at the most")
    axes.legend(fontsize=8)
    return drawing
