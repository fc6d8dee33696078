"""The parts that pages are made of: tables of figures beside their floors, and images."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.goals import goal_here
from benchmarks.measure import Figure, Results


def rates(figures: Sequence[Figure], results: Results) -> Iterator[str]:
    """Yield a table of figures, each beside its goal and its floors."""
    heads = ["", "records", "bytes each", "rate /s", "spread", "MB/s", "goal /s", "of its floors"]
    rows = (
        [
            figure.title + ("" if figure.title.startswith("floor") else f"<br>{figure.what}"),
            f"{figure.records:,}",
            f"{figure.size / figure.records:,.0f}",
            f"{figure.rate:,.0f}",
            _spread(figure),
            f"{figure.megabytes:,.0f}",
            "<br>".join(_goals(figure, results)),
            "<br>".join(_shares(figure, results)),
        ]
        for figure in figures
    )
    return table(heads, rows)


def _spread(figure: Figure) -> str:
    if len(figure.seconds) == 1:
        return f"{figure.seconds[0]:.1f} s"
    return f"{figure.slowest:,.0f} to {figure.fastest:,.0f}"


def _goals(figure: Figure, results: Results) -> Iterator[str]:
    """Yield the goal as it was stated, and what it is at the speed of lxml in this run."""
    if figure.goal is not None:
        yield f"{figure.goal:,.0f}: {_verdict(figure.rate, figure.goal)}"
    if (here := goal_here(figure, results)) is not None:
        yield f"here {here:,.0f}: {_verdict(figure.rate, here)}"


def _verdict(rate: float, goal: float) -> str:
    return "met" if rate >= goal else "missed"


def _shares(figure: Figure, results: Results) -> Iterator[str]:
    """Yield the figure's rate as a share of each floor's."""
    for key in figure.floors:
        if floor := results.figure(key):
            name = floor.title.removeprefix("floor: ").partition(",")[0]
            yield f"{figure.rate / floor.rate:.2g} of {name}"


MEASURED_CORES = 2


def misses(figures: Sequence[Figure], results: Results) -> Iterator[str]:
    """Yield by how much goals are missed, and what bounds it."""
    missed = [figure for figure in figures if figure.goal and figure.met is False]
    for figure in missed:
        below = f"{1 - figure.rate / (figure.goal or 1):.0%} below its goal"
        yield f"- {figure.title}: {below}{_here(figure, results)}.  {_bound(figure)}"
    if missed:
        yield ""


def _here(figure: Figure, results: Results) -> str:
    """Say how far it is from what the goal is at the speed of lxml here."""
    here = goal_here(figure, results)
    if here is None:
        return ""
    side = "below" if figure.rate < here else "above"
    return f", {abs(1 - figure.rate / here):.0%} {side} it at lxml's speed here"


def _bound(figure: Figure) -> str:
    if len(figure.cpu) == 1:
        return "It is bound by its one core."
    role, seconds = max(figure.cpu.items(), key=lambda item: item[1])
    share = sum(figure.cpu.values()) / (MEASURED_CORES * median(figure.seconds))
    return f"The cores are {share:.0%} busy; {role} takes the most, {seconds:.1f} s of CPU."


def processors(results: Results, images: Mapping[str, Path]) -> Iterator[str]:
    """Yield the CPU seconds of every process of whole loads."""
    loads = [figure for figure in results.figures if len(figure.cpu) > 1]
    if not loads:
        return
    yield from ("## CPU seconds by process", "")
    yield from image(images, "processors", "CPU seconds by process")
    roles = list(dict.fromkeys(role for figure in loads for role in figure.cpu))
    rows = (
        [
            figure.title,
            f"{median(figure.seconds):.1f}",
            *(f"{figure.cpu[role]:.1f}" if role in figure.cpu else "" for role in roles),
        ]
        for figure in loads
    )
    yield from table(["", "wall", *roles], rows)


def image(images: Mapping[str, Path], name: str, title: str) -> Iterator[str]:
    """Yield an image, if it has been drawn."""
    if name in images:
        yield from (f"![{title}](img/{images[name].name})", "")


def table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table, and an empty one."""
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
