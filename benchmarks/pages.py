"""The pages that results are told on: a short one of every day, and one of what takes long."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import page_parts
from benchmarks.figures import Results
from benchmarks.plots import draw

_BESIDE = """\
A machine's speed changes by the hour: trust the ratio to lxml, which was measured in the same run,
more than the rate.  [A whole catalogue](whole-catalogue.md) has the arithmetic of the hours."""

_HOW = """\
Made by `make bench` (`python -m benchmarks --write-docs`); `--help` lists what can be left out.
[Benchmarks that take long](benchmarks-long.md) have a million releases, each entity by itself, more
processes, and where the time goes.
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

_HOW_LONG = """\
Made by `make bench-long` (`python -m benchmarks --long --write-docs`); `--only` measures some of
the groups again, `--from-results` only writes the page again.  What is clocked, and with which
dumps, is as in the short run, `make bench`.  Every load of a group has fresh, empty servers; a
rate is the median of its repetitions, the spread its slowest and fastest; CPU seconds are the
medians of each process.  Servers, loaders and extractor share the two cores.  Floors and loads
took turns, repetition by repetition, for the machine's speed changes by a third within the hour.
Only a large database was loaded once, each sink by itself, and its floors were measured before.
In a slow hour lxml alone loses more than a load does, and the load's share of it looks better: of
two groups measured some hours apart, the same load had 0.37 of it in one and 0.48 in the other."""

_ABOUT_UPDATES = """\
The next month is the first update that this Neo4j has seen since it was started: a good part of
its CPU is the JVM's compiler, at work on statements that a first load does not have.  The month
after is what updates cost a server that stays up."""

_ABOUT_COSTS = """\
Releases by themselves, each sink by itself and once, then the distribution's PostgreSQL with
settings of its log (the embedded one is built without lz4 and zstd).  Wall and CPU are better told
by the group above.

The goal is a few per cent of a first load.  Rows, transactions and the records of the log are that;
its bytes with images of pages are not: [servers of your own](own-servers.md) says why, and what the
settings are for."""

_ABOUT_PROFILES = """\
Samples of py-spy, a hundred a second, of the threads that were not waiting for events, during a
load of the releases; loads that are looked at are slower, and are not clocked.  *Own* is the share
of the samples that were in the function itself, compiled code included; *total* that with all it
calls, for functions of packages, without entry points and event loops.  A parse process that
is in `recv` or `send` mostly waits for the extractor."""


@dataclass(frozen=True)
class Page:
    """A page: the figures that most readers come for, by their keys, and a heading for each group.

    ``how`` tells how all was measured, ``notes`` what is to be said of a group.
    """

    name: str
    title: str
    first: Mapping[str, str]
    how: str
    headings: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)


SHORT_PAGE = Page(
    name="benchmarks",
    title="Benchmarks",
    first={
        "postgres: postgres, first load": "PostgreSQL alone, first load",
        "neo4j: neo4j, in the order of a run": "Neo4j alone, first load",
        "update: postgres+neo4j, first load": "both at once, first load",
        "update: postgres+neo4j, nothing changed": "both, nothing changed",
        "update: postgres+neo4j, next month": "both, the next month",
    },
    how=_HOW,
    headings={
        "stages": "Stages, one process on one core",
        "dump": "Floors of a whole load, one process on one core",
        "postgres": "PostgreSQL, first load",
        "neo4j": "Neo4j, first load",
        "embedded": "The embedded default, first load",
        "update": "Both sinks: first load and updates",
        "cache": "Cached answers",
    },
)

LONG_PAGE = Page(
    name="benchmarks-long",
    title="Benchmarks that take long",
    first={
        "size: postgres, first load": "PostgreSQL alone, first load",
        "size: postgres, the month after": "PostgreSQL alone, a month",
        "size: neo4j, first load": "Neo4j alone, first load",
        "size: neo4j, the month after": "Neo4j alone, a month",
    },
    how=_HOW_LONG,
    headings={
        "entities": "Each entity by itself to PostgreSQL",
        "scaling": "More processes on two cores",
        "size": "Empty and large databases",
        "update": "First load and updates",
    },
    notes={"update": _ABOUT_UPDATES, "cost": _ABOUT_COSTS, "profile": _ABOUT_PROFILES},
)


def write_page(page: Page, found: Mapping[str, Results], folder: Path) -> list[Path]:
    """Write a page of some files of results, and its plots in ``img``; return what was written."""
    together = _together(found)
    path = folder / f"{page.name}.md"
    images = draw(together, folder / "img", page.name)
    path.write_text("\n".join(_lines(page, found, together, images)) + "\n", encoding="utf-8")
    return [path, *images.values()]


def _together(found: Mapping[str, Results]) -> Results:
    """Join results, in their order."""
    together = Results({}, {})
    for one in found.values():
        together.machine = one.machine
        together.memory_records = max(together.memory_records, one.memory_records)
        for name in ("figures", "costs", "memory", "profiles"):
            getattr(together, name).extend(getattr(one, name))
        for name in ("curves", "servers", "skipped", "failed"):
            getattr(together, name).update(getattr(one, name))
    return together


def _lines(
    page: Page, found: Mapping[str, Results], together: Results, images: Mapping[str, Path]
) -> Iterator[str]:
    yield from (f"# {page.title}", "")
    yield from page_parts.headline(together, page.first)
    yield from (_BESIDE, "", "## How it was measured", "", page.how, "")
    yield from page_parts.runs(found)
    yield from page_parts.image(images, "rates", "Rates beside floors and goals")
    for group, heading in page.headings.items():
        if figures := together.of(group):
            yield from (f"## {heading}", "")
            yield from page_parts.rates(figures, together)
            yield from _note(page, group)
    yield from page_parts.image(images, "curves", "Records in the sinks over time")
    if together.costs:
        yield from ("## What a load costs in the databases", "", *_note(page, "cost"))
        yield from page_parts.costs(together.costs)
    yield from page_parts.processors(together, images)
    yield from page_parts.memory(together, images)
    if together.profiles:
        yield from ("## Where the time goes", "", *_note(page, "profile"))
        yield from page_parts.profiles(together.profiles)
    yield from page_parts.not_measured(together)


def _note(page: Page, group: str) -> Iterator[str]:
    if note := page.notes.get(group):
        yield from (note, "")
