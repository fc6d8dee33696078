"""A first load, the same dump again and the next months': what each takes, in databases too."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import goals
from benchmarks.data import Dump
from benchmarks.databases import Cost, Counters, Meter
from benchmarks.measure import Figure
from benchmarks.pipeline import Load, working
from benchmarks.servers import TITLES, Running
from common.entities import Entity

_NAMES = ("first load", "nothing changed", "next month", "the month after")


@dataclass(frozen=True)
class Updates:
    """The loads in their order, each as a figure and with what it cost."""

    loads: list[Load]
    figures: list[Figure]
    costs: list[Cost]


def measure_updates(
    servers: Running,
    sinks: Sequence[str],
    months: Sequence[Dump],
    group: str,
    folder: Path,
    floors: list[str],
) -> Updates:
    """Load up to three months into empty databases, the first of them twice, with the same
    servers and loaders all the time.

    ``group`` is that of the figures, and begins their keys; ``floors`` are theirs.
    """
    first, *later = months
    loads, counters = asyncio.run(_load(servers, sinks, [first, first, *later], folder))
    to = " and ".join(TITLES[sink] for sink in sinks)
    figures, costs = [], []
    for name, load, counted in zip(_NAMES, loads, counters, strict=False):
        share = load.sent / load.dump.records
        what = f"{'both sinks at once; ' if len(sinks) > 1 else ''}{share:.1%} of the records sent"
        title = f"dump → RabbitMQ → {to}, {name}"
        figure = load.figure(f"{group}: {'+'.join(sinks)}, {name}", group, title, what)
        figures.append(replace(figure, floors=floors))
        cpu = sum(load.cpu.values())
        costs.append(Cost(to, name, load.dump.records, load.sent, load.seconds, cpu, counted))
    return Updates(loads, _with_goals(figures, len(sinks), first.entity), costs)


def _with_goals(figures: Sequence[Figure], sinks: int, entity: Entity) -> list[Figure]:
    """Give the first load its goal, or the next months, where there is one for so many sinks."""
    first, same, *months = figures
    if sinks > 1:
        return [goals.with_goal(first, goals.BOTH, entity, first.floors), same, *months]
    most = goals.SCANS * same.seconds[0]
    return [first, same, *(replace(month, goal=month.records / most) for month in months)]


async def _load(
    servers: Running, sinks: Sequence[str], dumps: Sequence[Dump], folder: Path
) -> tuple[list[Load], list[Counters]]:
    """Load dumps one after the other; what the loaders do when they start counts for nothing."""
    loads: list[Load] = []
    counters: list[Counters] = []
    async with working(servers, sinks, folder) as pipeline, Meter(servers.urls) as meter:
        await meter.added()
        for dump in dumps:
            loads.append(await pipeline.load(dump))
            counters.append(await meter.added())
    return loads, counters
