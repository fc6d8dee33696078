"""The page: tables of every figure beside its floors, and the plots."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.costs import costs
from benchmarks.headline import SHORT, headline
from benchmarks.measure import MemoryFigure, Results
from benchmarks.plots import draw
from benchmarks.tables import image, misses, processors, rates, table

MEMORY_LIMIT = 150.0  # MB
MEMORY_GROWTH = 0.1

_HEADINGS = {
    "stages": "Stages, one process on one core",
    "dump": "Floors of a whole load, one process on one core",
    "postgres": "PostgreSQL, first load",
    "neo4j": "Neo4j, first load",
    "embedded": "The embedded default, first load",
    "update": "Both sinks: first load and updates",
}

_BESIDE = """\
A machine's speed changes by the hour: trust the ratio to lxml, which was measured in the same run,
more than the rate.  [Benchmarks that take long](benchmarks-long.md) have a million releases, each
entity by itself, more processes, and where the time goes."""

_HOW = """\
Made by `make bench` (`python -m benchmarks --write-docs`); `--help` lists what can be left out.
All figures of a page are of one run on one machine; floors are measured in the same run, on the
same records, and are what nobody can go below: gunzip alone, lxml's iterparse alone, its parse of
whole groups of records alone, binary COPY of the same rows alone.  Whole loads are clocked from the
start of the extractor's process to the moment the last sink says that it equals the dump; servers
are fresh and empty, and share the cores with everything else.

The dumps come from the project's generator.  The goals are stated for a sample of the dump of
August 2020, whose releases have 4.5 kB, 9.6 edges and 27 rows, not counting images and what
tracks say of artists; in the shape of that year (`old`) the generator's have 4.8 kB, 9.6 edges
and 27 such rows.  In today's shape (`--shape current`) the same releases have 3.8 kB.

Rates are records per second, MB are of unpacked XML.  A stage shows its median, and its slowest
and fastest repetition; lxml alone and the walker took turns, repetition by repetition, and so did
what is read from a file, and gunzip with hash.  A whole load is clocked once.  CPU seconds are
sampled twice a second."""


def write_page(results: Results, page: Path) -> list[Path]:
    """Write the page and its plots beside it in ``img``; return what was written."""
    page.parent.mkdir(parents=True, exist_ok=True)
    images = draw(results, page.parent / "img", page.stem)
    page.write_text("\n".join(_page(results, images)) + "\n", encoding="utf-8")
    return [page, *images.values()]


def _page(results: Results, images: dict[str, Path]) -> Iterator[str]:
    yield from ("# Benchmarks", "")
    yield from headline(results, SHORT)
    yield from (_BESIDE, "", "## How it was measured", "", _HOW, "")
    yield from table(["", ""], results.machine.items())
    options = ((key, f"{n:,}" if isinstance(n, int) else n) for key, n in results.options.items())
    yield from table(["option", "value"], options)
    yield from image(images, "rates", "Rates beside floors and goals")
    for group, heading in _HEADINGS.items():
        figures = [figure for figure in results.figures if figure.group == group]
        if figures:
            yield from (f"## {heading}", "")
            yield from rates(figures, results)
            yield from misses(figures, results)
        if group == "update":
            yield from costs(results.costs)
    yield from image(images, "curves", "Records in the sinks over time")
    yield from processors(results, images)
    yield from _memory(results, images)
    for group, reason in (*results.skipped.items(), *results.failed.items()):
        yield from (f"Not measured: {group}: {reason}", "")


def _memory(results: Results, images: dict[str, Path]) -> Iterator[str]:
    if not results.memory:
        return
    small, large = results.memory_records
    yield from ("## Memory", "")
    yield (
        f"The most that any process of a kind had at once, in MB, loading {small:,} releases into "
        f"both sinks, and {large:,}.  The goal is at most {MEMORY_LIMIT:.0f} MB resident, and "
        f"{MEMORY_GROWTH:.0%} more or less at ten times the input."
    )
    yield ""
    yield from image(images, "memory", "Memory at some input and at ten times as much")
    heads = ["process", "resident", "at ten times", "growth", "own", "own at ten times", "goal"]
    yield from table(heads, map(_memory_row, results.memory))
    servers = ", ".join(f"{role} {peak:,.0f}" for role, peak in sorted(results.servers.items()))
    yield from (f"The largest process of each server at the larger input, in MB: {servers}.", "")


def _memory_row(figure: MemoryFigure) -> list[str]:
    met = figure.large.rss <= MEMORY_LIMIT and abs(figure.growth) <= MEMORY_GROWTH
    numbers = (figure.small.rss, figure.large.rss, figure.small.uss, figure.large.uss)
    small, large, own, own_large = (f"{number:.0f}" for number in numbers)
    goal = "met" if met else "missed"
    return [figure.process, small, large, f"{figure.growth:+.0%}", own, own_large, goal]
