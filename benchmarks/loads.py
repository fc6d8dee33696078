"""What whole loads took: as figures, with their goals, and as costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from benchmarks import goals
from benchmarks.dumps import Dump
from benchmarks.figures import Cost, Counters, Curve, Figure, Peak, Results
from benchmarks.servers import TITLES

INDEXES = "index builds"

FIRST = "first load"
SAME = "nothing changed"
NEXT = "next month"
LAST = "the month after"
_IN_TURN = (FIRST, SAME, NEXT, LAST)


@dataclass
class Load:
    """What one load of a dump took, from the start of the extractor to the last verdict.

    ``sent`` are the records that went through the broker; ``indexing`` are the seconds of the
    statements that built PostgreSQL's indexes, added up over its sessions; ``counters`` are what
    it cost in the databases, if they were asked.
    """

    dump: Dump
    seconds: float = 0.0
    sent: int = 0
    indexing: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, Peak] = field(default_factory=dict)
    servers: dict[str, Peak] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)
    counters: Counters | None = None


def key_of(group: str, sinks: Sequence[str], name: str) -> str:
    """Return the key of a load's figure."""
    return f"{group}: {'+'.join(sinks)}, {name}"


def titles_of(sinks: Sequence[str]) -> str:
    """Name the databases of some sinks."""
    return " and ".join(TITLES[sink] for sink in sinks)


def figure_of(
    loads: Sequence[Load],
    group: str,
    sinks: Sequence[str],
    name: str,
    what: str,
    goal: float | None = None,
) -> Figure:
    """Return a load on RabbitMQ, or repetitions of it, as one figure.

    CPU seconds are each process's median.
    """
    dump = loads[0].dump
    return Figure(
        key=key_of(group, sinks, name),
        group=group,
        title=f"dump → RabbitMQ → {titles_of(sinks)}, {name}",
        what=what,
        records=dump.records,
        size=dump.size,
        seconds=[load.seconds for load in loads],
        cpu=_medians([_divided(load) for load in loads]),
        goal=goal,
        lxml_where_stated=goals.LXML_PARSE[dump.entity] if goal else None,
    )


def first_load_of(
    loads: Sequence[Load], group: str, sinks: tuple[str, ...], name: str, what: str
) -> Figure:
    """Return a first load, or repetitions of it, as one figure with its goal."""
    goal = goals.FIRST_LOAD[sinks].get(loads[0].dump.entity)
    return figure_of(loads, group, sinks, name, what, goal)


def in_turn(months: Sequence[Dump]) -> list[Dump]:
    """Return up to three months in the order that they are loaded in: the first of them twice."""
    return [months[0], *months]


def updates_of(turns: Sequence[list[Load]], group: str, sinks: tuple[str, ...]) -> list[Figure]:
    """Return the figures of dumps that were loaded `in_turn`, once or again and again.

    The next months' goals are one sink's by itself.
    """
    together = "both sinks at once; " if len(sinks) > 1 else ""
    figures = []
    for name, loads in zip(_IN_TURN, zip(*turns, strict=True), strict=False):
        what = f"{together}{loads[0].sent / loads[0].dump.records:.1%} of the records sent"
        made = first_load_of if name is FIRST else figure_of
        figures.append(made(loads, group, sinks, name, what))
    first, same, *months = figures
    if len(sinks) == 1:
        months = [replace(month, goal=same.rate / goals.SCANS) for month in months]
    return [first, same, *months]


def keep_costs(results: Results, into: str, names: Sequence[str], loads: Sequence[Load]) -> None:
    """Keep what metered loads cost, each under its name; ``into`` says which databases."""
    for name, load in zip(names, loads, strict=True):
        assert load.counters is not None, f"{name} was not metered"
        told = load.sent, load.seconds, sum(load.cpu.values()), load.counters
        results.costs.append(Cost(into, name, load.dump.records, *told))


def _medians(told: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the median of each name; where a name is missing it counts as 0."""
    names = dict.fromkeys(name for one in told for name in one)
    return {name: median(one.get(name, 0.0) for one in told) for name in names}


def _divided(load: Load) -> dict[str, float]:
    """Tell the CPU seconds of PostgreSQL's index builds from those of its other work.

    A statement that builds works all the time, in one process: its seconds are CPU seconds.
    """
    server = next((role for role in load.cpu if role.startswith("PostgreSQL")), None)
    if server is None or not load.indexing:
        return load.cpu
    indexing = min(load.indexing, load.cpu[server])
    return {**load.cpu, server: load.cpu[server] - indexing, INDEXES: indexing}
