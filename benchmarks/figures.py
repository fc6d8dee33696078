"""What was found: figures, memory, costs and profiles; kept as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from statistics import median

import orjson
from pydantic import TypeAdapter

Curve = list[tuple[float, int]]
"""Seconds since the start, records in the sink."""

POINTS = 100
"""Points that are kept of a curve: a plot has no use for more."""


@dataclass(frozen=True)
class Figure:
    """How fast something went through ``records`` of ``size`` bytes of XML.

    ``seconds`` are of each repetition, by the wall; ``cpu`` the CPU seconds of one, by
    process.  ``goal`` is in records/s, and was stated where lxml's parse alone did
    ``lxml_where_stated``; ``floors`` are keys of figures measured beside it.
    """

    key: str
    group: str
    title: str
    what: str
    records: int
    size: int
    seconds: list[float]
    cpu: dict[str, float]
    goal: float | None = None
    floors: list[str] = field(default_factory=list)
    lxml_where_stated: float | None = None

    @property
    def rate(self) -> float:
        """The median, in records/s."""
        return self.records / median(self.seconds)

    @property
    def slowest(self) -> float:
        """The slowest repetition, in records/s."""
        return self.records / max(self.seconds)

    @property
    def fastest(self) -> float:
        """The fastest repetition, in records/s."""
        return self.records / min(self.seconds)

    @property
    def megabytes(self) -> float:
        """The median, in MB of XML per second."""
        return self.size / median(self.seconds) / 1e6

    @property
    def is_floor(self) -> bool:
        """Whether it is of what nobody can go below."""
        return self.title.startswith("floor")

    @property
    def is_load(self) -> bool:
        """Whether several processes were at work."""
        return len(self.cpu) > 1


@dataclass(frozen=True)
class Peak:
    """The most memory a process had, in MB: resident, and of that its own alone."""

    rss: float
    uss: float


@dataclass(frozen=True)
class MemoryFigure:
    """A kind of process at some input and at ten times as much."""

    process: str
    small: Peak
    large: Peak

    @property
    def growth(self) -> float:
        """How much larger its resident memory is at ten times the input: 0.1 is a tenth."""
        return self.large.rss / self.small.rss - 1


@dataclass(frozen=True)
class Counters:
    """PostgreSQL's rows written and deleted in the schema ``discogs``, bytes of WAL, how many of
    these are images of pages, and the transactions that wrote in either database; -1 where a
    server does not tell."""

    written: int
    deleted: int
    wal: int
    images: int
    transactions: int
    graph_transactions: int

    def since(self, before: "Counters") -> "Counters":
        """Return what has been added."""
        pairs = zip(astuple(self), astuple(before), strict=True)
        return Counters(*(-1 if -1 in pair else pair[0] - pair[1] for pair in pairs))


@dataclass(frozen=True)
class Cost:
    """A load of ``records``, of which ``sent`` went through the broker, and what it took.

    ``into`` says which databases, and how they are set up; ``cpu`` are the seconds of all
    processes, servers included.
    """

    into: str
    name: str
    records: int
    sent: int
    seconds: float
    cpu: float
    counters: Counters


@dataclass(frozen=True)
class Profile:
    """Where a process spends its time, of ``samples`` taken while one of its threads was at work.

    ``own`` and ``total`` have the leading functions: a function and its share of the samples,
    by itself alone, and with all that it calls.
    """

    process: str
    samples: int
    own: list[tuple[str, float]]
    total: list[tuple[str, float]]


@dataclass
class Results:
    """What some groups of benchmarks found.

    ``costs`` are of a first load and of updates after it, in the databases too.  ``curves`` are by
    pipeline and sink; ``servers`` is the servers' memory in MB, for information; ``skipped`` says
    what could not be run for want of a server, ``failed`` what ended with an error.
    """

    machine: dict[str, str]
    options: dict[str, int | str]
    figures: list[Figure] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    memory: list[MemoryFigure] = field(default_factory=list)
    memory_records: tuple[int, int] = (0, 0)
    curves: dict[str, Curve] = field(default_factory=dict)
    servers: dict[str, float] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, *figures: Figure) -> None:
        """Keep figures, and show them."""
        for one in figures:
            self.figures.append(one)
            print(f"  {one.title}: {one.rate:,.0f}/s, {one.megabytes:,.0f} MB/s", flush=True)

    def figure(self, key: str) -> Figure | None:
        """Return a figure by its key."""
        return next((figure for figure in self.figures if figure.key == key), None)

    def of(self, group: str) -> list[Figure]:
        """Return the figures of a group."""
        return [figure for figure in self.figures if figure.group == group]


def write(results: Results, path: Path) -> None:
    """Write results, of curves no more than a plot shows.

    With each figure stands its rate, for readers that are not ours.
    """
    found = asdict(results)
    found["curves"] = {name: _thinned(curve) for name, curve in results.curves.items()}
    for figure, told in zip(results.figures, found["figures"], strict=True):
        told["rate"] = round(figure.rate, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


def read(path: Path) -> Results:
    """Read results as they were written."""
    return TypeAdapter(Results).validate_json(path.read_bytes())


def _thinned(curve: Sequence[tuple[float, int]]) -> Curve:
    """Return about `POINTS` points of a curve, spread evenly, its two ends among them.

    The last point without records stays too: until then the processes started.
    """
    if len(curve) <= POINTS:
        return list(curve)
    last = len(curve) - 1
    start = max((place for place, (_, count) in enumerate(curve) if count == 0), default=0)
    places = {start, *(step * last // (POINTS - 1) for step in range(POINTS))}
    return [(round(curve[place][0], 2), curve[place][1]) for place in sorted(places)]
