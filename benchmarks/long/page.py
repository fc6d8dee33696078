"""The page of the long groups: each with the time that it was measured at."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.costs import costs
from benchmarks.headline import LONG, headline
from benchmarks.measure import Profile, Results
from benchmarks.plots import draw
from benchmarks.tables import image, misses, processors, rates, table

_HOW = """\
Made by `make bench-long` (`python -m benchmarks --long --write-docs`); `--only` measures some of
the groups again, `--from-results` only writes the page again.  What is clocked, and with which
dumps, is as in the short run, `make bench`.  Every load of a group has fresh, empty servers; a
rate is the median of its repetitions, the spread its slowest and fastest; CPU seconds are the
medians of each process.  Servers, loaders and extractor share the two cores.  Floors and loads
took turns, repetition by repetition, for the machine's speed changes by a third within the hour.
Only a large database was loaded once, each sink by itself, and its floors were measured before.
In a slow hour lxml alone loses more than a load does, and the load's share of it looks better: of
two groups measured some hours apart, the same load had 0.37 of it in one and 0.48 in the other."""

_WHOLE = """\
What that makes of a whole catalogue, and what a larger database does to the rates:
[a whole catalogue](whole-catalogue.md)."""

_HEADINGS = {
    "entities": "Each entity by itself to PostgreSQL",
    "scaling": "More processes on two cores",
    "size": "Empty and large databases",
    "update": "First load and updates",
}

_MACHINE = ("processor", "cores", "memory", "system", "Python", "libraries")
_PER_GROUP = ("measured", "load before")


def write_long_page(found: Mapping[str, Results], page: Path) -> list[Path]:
    """Write the page of some groups and its plots; return what was written."""
    page.parent.mkdir(parents=True, exist_ok=True)
    together = _together(found)
    images = draw(together, page.parent / "img", page.stem)
    page.write_text("\n".join(_page(found, together, images)) + "\n", encoding="utf-8")
    return [page, *images.values()]


def _together(found: Mapping[str, Results]) -> Results:
    """Join the results of groups, in the order of the page."""
    together = Results({}, {})
    for one in found.values():
        together.machine = one.machine
        together.figures += one.figures
        together.curves |= one.curves
        together.costs += one.costs
        together.profiles += one.profiles
        together.skipped |= one.skipped
        together.failed |= one.failed
    return together


def _page(
    found: Mapping[str, Results], together: Results, images: Mapping[str, Path]
) -> Iterator[str]:
    yield from ("# Benchmarks that take long", "")
    yield from headline(together, LONG)
    yield from (_WHOLE, "")
    yield from ("## How it was measured", "", _HOW, "")
    facts = together.machine.items()
    yield from table(["", ""], ([name, told] for name, told in facts if name in _MACHINE))
    yield from _runs(found)
    yield from image(images, "rates", "Rates beside floors and goals")
    for group, heading in _HEADINGS.items():
        figures = [figure for figure in together.figures if figure.group == group]
        if figures:
            yield from (f"## {heading}", "")
            yield from rates(figures, together)
            yield from misses(figures, together)
        if group == "size":
            yield from image(images, "curves", "Records in the sinks over time")
        if group == "update":
            yield from (_ABOUT_UPDATES, "")
    yield from _costs(together)
    yield from processors(together, images)
    yield from _profiles(together)
    for group, reason in (*together.skipped.items(), *together.failed.items()):
        yield from (f"Not measured: {group}: {_brief(reason)}", "")


def _costs(together: Results) -> Iterator[str]:
    if together.costs:
        yield from ("## What an update costs in the databases", "", _ABOUT_COSTS, "")
        yield from costs(together.costs)


def _runs(found: Mapping[str, Results]) -> Iterator[str]:
    """Yield when and how each group was measured."""
    options = dict.fromkeys(name for one in found.values() for name in one.options)
    rows = (
        [
            group,
            *(one.machine.get(name, "") for name in _PER_GROUP),
            *(_option(one.options.get(name, "")) for name in options),
        ]
        for group, one in found.items()
    )
    yield from table(["group", *_PER_GROUP, *options], rows)


def _option(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


def _brief(reason: str) -> str:
    """Leave the middle out: what a process said before its end may be long."""
    first, *others = reason.strip().splitlines() or [""]
    return " … ".join([first, *others[-1:]])


_ABOUT_UPDATES = """\
The next month is the first update that this Neo4j has seen since it was started: a good part of
its CPU is the JVM's compiler, at work on statements that a first load does not have.  The month
after is what updates cost a server that stays up."""

_ABOUT_COSTS = """\
Releases by themselves, each sink by itself and once, then the distribution's PostgreSQL with
settings of its log (the embedded one is built without lz4 and zstd).  Wall and CPU are better told
by the group above.

The goal is a few per cent of a first load.  Rows, transactions and the records of the log are that;
its bytes with images of pages are not, with any setting that is safe on every file system.  Images
make a torn page whole again after a crash, and there is one for every page that an update touches,
however little it changes there.  Looked at with pg_waldump, of 127 MB of such a month (of another
catalogue) 20 MB were 2,299 pages of the releases' own rows, 4 % of the first load's: no load that
marks what changed comes below that.  76 MB were pages of indexes, 30 of them of the four on
artists, where new credits fall on any page: the 4,692 of one table on 1,518.  zstd, which the
compose file's server has, takes half of the images away; docs/own-servers.md has all settings."""

_ABOUT_PROFILES = """\
Samples of py-spy, a hundred a second, of the threads that were not waiting for events, during a
load of the releases; loads that are looked at are slower, and are not clocked.  *Own* is the share
of the samples that were in the function itself, compiled code included; *total* that with all it
calls, for functions of packages, without entry points and event loops.  A parse process that
is in `recv` or `send` mostly waits for the extractor."""


def _profiles(together: Results) -> Iterator[str]:
    if not together.profiles:
        return
    yield from ("## Where the time goes", "", _ABOUT_PROFILES, "")
    for profile in together.profiles:
        yield from (f"### {profile.process}", "", f"{profile.samples:,} samples.", "")
        yield from table(["own", "", "total", ""], _functions(profile))


def _functions(profile: Profile) -> Iterator[list[str]]:
    for place in range(max(len(profile.own), len(profile.total))):
        yield [*_function(profile.own, place), *_function(profile.total, place)]


def _function(leading: list[tuple[str, float]], place: int) -> list[str]:
    if place >= len(leading):
        return ["", ""]
    name, share = leading[place]
    return [f"{share:.1%}", f"`{name.replace('|', '¦')}`"]
