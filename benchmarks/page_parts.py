"""The parts that pages are made of: tables, and images."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from statistics import median

from benchmarks.figures import Cost, Counters, Figure, MemoryFigure, Profile, Results
from benchmarks.goals import MEMORY, MEMORY_GROWTH, goal_here, lxml_floor

_CORES = 2
_RELEASES = 19_192_301
"""In the dump of June 2026."""

_PER_RUN = ("measured", "load before")


def headline(results: Results, names: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each of these figures that was measured; ``names`` are by their keys."""
    found = [(name, figure) for key, name in names.items() if (figure := results.figure(key))]
    if not found:
        return
    machine = results.machine
    cores, processor = machine.get("cores", "?"), machine.get("processor", "an unknown processor")
    yield f"In short, on {cores} cores ({processor}), servers and programs together:"
    yield ""
    heads = ["", "releases", "releases/s", "beside lxml's parse alone", "all releases, hours"]
    yield from table(heads, (_in_short(name, figure, results) for name, figure in found))
    yield f"*All releases* are the {_RELEASES:,} of June 2026, at this rate."
    yield ""


def _in_short(name: str, figure: Figure, results: Results) -> list[str]:
    floor = lxml_floor(figure, results)
    return [
        name,
        f"{figure.records:,}",
        f"{figure.rate:,.0f}",
        f"{figure.rate / floor.rate:.2g}" if floor else "",
        f"{_RELEASES / figure.rate / 3600:.1f}",
    ]


def runs(found: Mapping[str, Results]) -> Iterator[str]:
    """Yield on what machine all was measured, and when and how each file of results."""
    machine = {name: told for one in found.values() for name, told in one.machine.items()}
    facts = [[name, told] for name, told in machine.items() if name not in _PER_RUN]
    yield from table(["", ""], facts)
    options = dict.fromkeys(name for one in found.values() for name in one.options)
    rows = (
        [
            name.removeprefix("long-"),
            *(one.machine.get(fact, "") for fact in _PER_RUN),
            *(_option(one.options.get(option, "")) for option in options),
        ]
        for name, one in found.items()
    )
    yield from table(["", *_PER_RUN, *options], rows)


def _option(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def rates(figures: Sequence[Figure], results: Results) -> Iterator[str]:
    """Yield a table of figures, each beside its goal and its floors."""
    heads = ["", "records", "bytes each", "rate /s", "spread", "MB/s", "goal /s", "of its floors"]
    rows = (
        [
            figure.title + ("" if figure.is_floor else f"<br>{figure.what}"),
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


def processors(results: Results, images: Mapping[str, Path]) -> Iterator[str]:
    """Yield the CPU seconds of every process of whole loads, and how busy the cores were."""
    loads = [figure for figure in results.figures if figure.is_load]
    if not loads:
        return
    yield from ("## CPU seconds by process", "")
    yield from image(images, "processors", "CPU seconds by process")
    roles = list(dict.fromkeys(role for figure in loads for role in figure.cpu))
    rows = (
        [
            figure.title,
            f"{median(figure.seconds):.1f}",
            f"{sum(figure.cpu.values()) / median(figure.seconds) / _CORES:.0%}",
            *(f"{figure.cpu[role]:.1f}" if role in figure.cpu else "" for role in roles),
        ]
        for figure in loads
    )
    yield from table(["", "wall", "cores busy", *roles], rows)


_COSTS: Mapping[str, Callable[[Cost], float]] = {
    "records sent": lambda cost: cost.sent,
    "wall, s": lambda cost: round(cost.seconds, 1),
    "CPU, s": lambda cost: round(cost.cpu, 1),
    "rows written": lambda cost: cost.counters.written,
    "rows deleted": lambda cost: cost.counters.deleted,
    "WAL, MB": lambda cost: _megabytes(cost.counters.wal),
    "of that records": lambda cost: _megabytes(_records(cost.counters)),
    "PostgreSQL transactions": lambda cost: cost.counters.transactions,
    "Neo4j transactions": lambda cost: cost.counters.graph_transactions,
}


def costs(found: Sequence[Cost]) -> Iterator[str]:
    """Yield what each load costs, and what share of the first load into the same databases."""
    first: dict[str, Cost] = {}
    for cost in found:
        first.setdefault(cost.into, cost)
    yield "The servers' own counts included, and as a share of the first load:"
    yield ""
    rows = (
        [
            f"{cost.into}, {cost.name}",
            *(_cost(count(cost), count(first[cost.into])) for count in _COSTS.values()),
        ]
        for cost in found
    )
    yield from table(["", *_COSTS], rows)
    yield from (
        "CPU is of all processes, servers included.  Rows are those of the catalogue's tables; "
        "records are the WAL without its images of pages, which PostgreSQL writes at the first "
        "change of each after a checkpoint, and there is one before each of these loads; "
        "transactions are those that wrote, the bookkeeping of runs and ranges included.",
        "",
    )


def _records(counters: Counters) -> int:
    """Return the bytes of WAL that are not images of pages."""
    return -1 if counters.images < 0 else counters.wal - counters.images


def _megabytes(count: int) -> float:
    return count if count < 0 else round(count / 1e6, 2)


def _cost(count: float, first: float) -> str:
    if count < 0:
        return "not told"
    share = f"<br>{count / first:.1%}" if first > 0 else ""
    return f"{count:,}{share}"


def memory(results: Results, images: Mapping[str, Path]) -> Iterator[str]:
    """Yield the memory of each kind of process, at some input and at ten times as much."""
    if not results.memory:
        return
    small, large = results.memory_records
    yield from ("## Memory", "")
    yield (
        f"The most that any process of a kind had at once, in MB, loading {small:,} releases into "
        f"both sinks, and {large:,}.  The goal is at most {MEMORY:.0f} MB resident, and "
        f"{MEMORY_GROWTH:.0%} more or less at ten times the input."
    )
    yield ""
    yield from image(images, "memory", "Memory at some input and at ten times as much")
    heads = ["process", "resident", "at ten times", "growth", "own", "own at ten times", "goal"]
    yield from table(heads, map(_memory_row, results.memory))
    servers = ", ".join(f"{role} {peak:,.0f}" for role, peak in sorted(results.servers.items()))
    yield from (f"The largest process of each server at the larger input, in MB: {servers}.", "")


def _memory_row(figure: MemoryFigure) -> list[str]:
    met = figure.large.rss <= MEMORY and abs(figure.growth) <= MEMORY_GROWTH
    numbers = (figure.small.rss, figure.large.rss, figure.small.uss, figure.large.uss)
    small, large, own, own_large = (f"{number:.0f}" for number in numbers)
    goal = "met" if met else "missed"
    return [figure.process, small, large, f"{figure.growth:+.0%}", own, own_large, goal]


def profiles(found: Sequence[Profile]) -> Iterator[str]:
    """Yield the leading functions of each process."""
    for profile in found:
        yield from (f"### {profile.process}", "", f"{profile.samples:,} samples.", "")
        pairs = zip_longest(map(_function, profile.own), map(_function, profile.total))
        rows = ([*(own or ("", "")), *(total or ("", ""))] for own, total in pairs)
        yield from table(["own", "", "total", ""], rows)


def _function(leading: tuple[str, float]) -> tuple[str, str]:
    name, share = leading
    return f"{share:.1%}", f"`{name.replace('|', '¦')}`"


def not_measured(results: Results) -> Iterator[str]:
    """Yield what could not be measured, and why, without the middle of what was said of it."""
    for group, reason in (*results.skipped.items(), *results.failed.items()):
        first, *others = reason.strip().splitlines() or [""]
        yield from (f"Not measured: {group}: {' … '.join([first, *others[-1:]])}", "")


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
