"""A first load, the same dump again and the next months': how long each takes."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks import goals
from benchmarks.data import Dump
from benchmarks.loads import Load, figure_of
from benchmarks.measure import Figure, Results
from benchmarks.servers import TITLES
from common.entities import Entity

FIRST = "first load"
SAME = "nothing changed"
NEXT = "next month"
LAST = "the month after"
_NAMES = (FIRST, SAME, NEXT, LAST)


def in_turn(months: Sequence[Dump]) -> list[Dump]:
    """Return up to three months in the order that they are loaded in: the first of them twice."""
    first, *later = months
    return [first, first, *later]


def keep_updates(
    results: Results,
    group: str,
    sinks: Sequence[str],
    turns: Sequence[list[Load]],
    floors: list[str],
) -> None:
    """Keep the figures of dumps that were loaded in turn, once or again and again.

    ``group`` is that of the figures, and begins their keys; ``floors`` are theirs.
    """
    loads_of = zip(_NAMES, zip(*turns, strict=True), strict=False)
    figures = [
        replace(_figure(group, sinks, name, loads), floors=floors) for name, loads in loads_of
    ]
    for figure in _with_goals(figures, sinks, turns[0][0].dump.entity):
        results.add(figure)


def key_of(group: str, sinks: Sequence[str], name: str) -> str:
    """Return the key of a load's figure."""
    return f"{group}: {'+'.join(sinks)}, {name}"


def _figure(group: str, sinks: Sequence[str], name: str, loads: Sequence[Load]) -> Figure:
    together = "both sinks at once; " if len(sinks) > 1 else ""
    what = f"{together}{loads[0].share:.1%} of the records sent"
    title = f"dump → RabbitMQ → {titles_of(sinks)}, {name}"
    return figure_of(loads, key_of(group, sinks, name), group, title, what)


def titles_of(sinks: Sequence[str]) -> str:
    """Name the databases of some sinks."""
    return " and ".join(TITLES[sink] for sink in sinks)


def _with_goals(figures: Sequence[Figure], sinks: Sequence[str], entity: Entity) -> list[Figure]:
    """Give the first load its goal, and the next months theirs, which is one sink's by itself."""
    first, same, *months = figures
    first = goals.with_goal(first, goals.FIRST_LOAD[tuple(sinks)].get(entity), entity, first.floors)
    if len(sinks) > 1:
        return [first, same, *months]
    least = same.rate / goals.SCANS
    return [first, same, *(replace(month, goal=least) for month in months)]
