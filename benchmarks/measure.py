"""Clocks: how long a thing took, by the wall and in CPU seconds, again and again."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from statistics import median
from typing import Self

from benchmarks.databases import Cost
from common.allocator import keep_freed_memory


@dataclass
class Timings:
    """Seconds of each repetition, by the wall and of this process's CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


class Stopwatch:
    """Adds up the seconds spent inside its ``with`` blocks."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.cpu = 0.0
        self._began = (0.0, 0.0)

    def __enter__(self) -> Self:
        self._began = (time.perf_counter(), time.process_time())
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]


_turns: ContextVar[asyncio.Lock] = ContextVar("_turns")


async def repeat(action: Callable[[], Awaitable[None]], times: int) -> Timings:
    """Measure an action ``times`` times, after once that does not count."""
    timings = Timings()
    turns = _turns.get(None) or asyncio.Lock()
    async with turns:
        await action()
    for _ in range(times):
        async with turns:  # whoever waits for it longest has it next
            gc.collect()
            with Stopwatch() as watch:
                await action()
        timings.wall.append(watch.wall)
        timings.cpu.append(watch.cpu)
    return timings


async def side_by_side(*measured: "Awaitable[Figure]") -> "list[Figure]":
    """Measure several things by turns, a repetition of each after one of the others.

    So a slow minute of the machine is everybody's, and their ratios are what they are.
    """
    token = _turns.set(asyncio.Lock())
    try:
        return await asyncio.gather(*measured)
    finally:
        _turns.reset(token)


@contextmanager
def as_in_a_parse_process() -> Iterator[None]:
    """Have no collector, and keep freed memory; the latter lasts."""
    gc.disable()
    keep_freed_memory()
    try:
        yield
    finally:
        gc.enable()


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
    def met(self) -> bool | None:
        """Whether the goal was reached; None without a goal."""
        return None if self.goal is None else self.rate >= self.goal


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
    """Everything one run of the benchmarks found.

    ``costs`` are of a first load and of updates after it, in the databases too.  ``curves`` are
    (seconds, records in the sink) by pipeline and sink; ``servers`` is the
    servers' memory in MB, for information; ``skipped`` says which groups could not be run for
    want of a server, ``failed`` which ended with an error.
    """

    machine: dict[str, str]
    options: dict[str, int | str]
    figures: list[Figure] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    memory: list[MemoryFigure] = field(default_factory=list)
    memory_records: tuple[int, int] = (0, 0)
    curves: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    servers: dict[str, float] = field(default_factory=dict)
    profiles: list[Profile] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, figure: Figure) -> None:
        """Keep a figure, and show it."""
        self.figures.append(figure)
        print(f"  {figure.title}: {figure.rate:,.0f}/s, {figure.megabytes:,.0f} MB/s", flush=True)

    def figure(self, key: str) -> Figure | None:
        """Return a figure by its key."""
        return next((figure for figure in self.figures if figure.key == key), None)
