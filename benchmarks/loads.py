"""What whole loads took, and one figure of a load that was repeated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.data import Dump
from benchmarks.databases import Counters
from benchmarks.measure import Figure, Peak

INDEXES = "index builds"

Curve = list[tuple[float, int]]
"""Seconds since the start, records in the sink."""


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

    @property
    def share(self) -> float:
        """The part of the dump's records that went through the broker."""
        return self.sent / self.dump.records


def figure_of(loads: Sequence[Load], key: str, group: str, title: str, what: str) -> Figure:
    """Return a load, or repetitions of it, as one figure; CPU seconds are each process's median."""
    dump = loads[0].dump
    cpu = medians([_divided(load) for load in loads])
    seconds = [load.seconds for load in loads]
    return Figure(key, group, title, what, dump.records, dump.size, seconds, cpu)


def medians(told: Sequence[dict[str, float]]) -> dict[str, float]:
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
