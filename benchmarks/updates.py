"""A first load, the same dump again and the next months': what each takes, in databases too."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from statistics import median

from benchmarks import goals
from benchmarks.data import Dump
from benchmarks.databases import Cost, Counters
from benchmarks.loads import Load, figure_of
from benchmarks.measure import Figure, Results
from benchmarks.servers import TITLES
from common.entities import Entity

FIRST = "first load"
SAME = "nothing changed"
LAST = "the month after"
_NAMES = (FIRST, SAME, "next month", LAST)


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
    """Keep the figures and the costs of dumps that were loaded in turn, once or again and again.

    ``group`` is that of the figures, and begins their keys; ``floors`` are theirs.
    """
    figures = []
    for name, loads in zip(_NAMES, zip(*turns, strict=True), strict=False):
        figure = _figure(group, sinks, name, loads)
        figures.append(replace(figure, floors=floors))
        if cost := _cost(sinks, name, loads):
            results.costs.append(cost)
    for figure in _with_goals(figures, sinks, turns[0][0].dump.entity):
        results.add(figure)


def key_of(group: str, sinks: Sequence[str], name: str) -> str:
    """Return the key of a load's figure."""
    return f"{group}: {'+'.join(sinks)}, {name}"


def _figure(group: str, sinks: Sequence[str], name: str, loads: Sequence[Load]) -> Figure:
    together = "both sinks at once; " if len(sinks) > 1 else ""
    what = f"{together}{loads[0].share:.1%} of the records sent"
    title = f"dump → RabbitMQ → {_titles(sinks)}, {name}"
    return figure_of(loads, key_of(group, sinks, name), group, title, what)


def _titles(sinks: Sequence[str]) -> str:
    return " and ".join(TITLES[sink] for sink in sinks)


def _cost(sinks: Sequence[str], name: str, loads: Sequence[Load]) -> Cost | None:
    """Return the medians of what a load cost, None where the databases were not asked."""
    told = [load.counters for load in loads if load.counters]
    if not told:
        return None
    return Cost(
        sinks=_titles(sinks),
        name=name,
        records=loads[0].dump.records,
        sent=loads[0].sent,
        seconds=median(load.seconds for load in loads),
        cpu=median(sum(load.cpu.values()) for load in loads),
        counters=Counters(*(round(median(each)) for each in zip(*map(astuple, told), strict=True))),
    )


def _with_goals(figures: Sequence[Figure], sinks: Sequence[str], entity: Entity) -> list[Figure]:
    """Give the first load its goal, and the next months theirs, which is one sink's by itself."""
    first, same, *months = figures
    first = goals.with_goal(first, goals.FIRST_LOAD[tuple(sinks)].get(entity), entity, first.floors)
    if len(sinks) > 1:
        return [first, same, *months]
    least = same.rate / goals.SCANS
    return [first, same, *(replace(month, goal=least) for month in months)]
