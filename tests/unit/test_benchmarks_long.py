"""The long benchmarks' own code: dumps, loads by turns, and the page."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import floors, goals, results
from benchmarks.attempts import attempt
from benchmarks.costs import keep_costs
from benchmarks.data import Dump, World, slots_for
from benchmarks.databases import Cost, Counters
from benchmarks.loads import INDEXES, Load, figure_of
from benchmarks.long.bench import LongBench, joined, start
from benchmarks.long.page import write_long_page
from benchmarks.long.size import EMPTY, MORE
from benchmarks.long.size import key_of as size_key
from benchmarks.measure import Figure, Profile, Results
from benchmarks.options import CACHE, LONG_GROUPS, QUICK_LONG, LongSizes, read_options
from benchmarks.pipeline import events
from benchmarks.updates import FIRST, LAST, NEXT, SAME, keep_updates
from common.entities import Entity
from common.errors import NotEqualError, ServerError
from generator import Plan
from waxline.servers.state import Endpoint
from waxline.servers.valkey import Valkey
from waxline.servers.wheels import NotInstalledError


@pytest.mark.parametrize("entity", Entity)
@pytest.mark.parametrize("records", [1, 7, 500, 499_999])
def test_a_catalogue_has_as_many_records_as_are_wanted(entity: Entity, records: int) -> None:
    releases = slots_for(entity, records)
    assert Plan(releases=releases).slots(entity, 1) >= records
    assert Plan(releases=releases).slots(entity, 1) < records + 3


def test_a_dump_is_parsed_piece_by_piece(tmp_path: Path) -> None:
    dump = World(tmp_path, 60, 60, "old").dump(Entity.RELEASE, 60)
    _, figure = asyncio.run(floors.of_a_load("entities", dump, 2))
    assert (figure.records, len(figure.seconds)) == (dump.records, 2)
    assert figure.key == "entities: lxml parse releases"
    with pytest.raises(AssertionError, match=f"found {dump.records} of {dump.records + 1}"):
        asyncio.run(floors.of_a_load("g", replace(dump, records=dump.records + 1), 1))


def test_an_entity_by_itself_has_a_dump_as_large_as_asked_for(tmp_path: Path) -> None:
    sizes = LongSizes(releases=20, artists=30, labels=60, masters=12, grown=50)
    bench = LongBench(sizes, tmp_path, Results({}, {}))
    asked = {Entity.RELEASE: 20, Entity.ARTIST: 30, Entity.LABEL: 60, Entity.MASTER: 12}
    assert {entity: bench.dump(entity).records for entity in asked} == asked
    assert bench.world.releases == 70


def test_repeated_loads_are_one_figure_with_medians() -> None:
    dump = Dump(Path("d"), Entity.RELEASE, 1_000, 4_500_000)
    loads = [
        Load(dump, seconds=wall, indexing=index, cpu={"PostgreSQL (postgres)": 5.0, "extractor": e})
        for wall, index, e in ((3.0, 1.0, 7.0), (1.0, 2.0, 9.0), (2.0, 1.5, 8.0))
    ]
    found = figure_of(loads, "k", "entities", "title", "what")
    assert (found.rate, found.fastest) == (500, 1_000)
    assert found.slowest == pytest.approx(1_000 / 3)
    assert found.cpu == {"PostgreSQL (postgres)": 3.5, "extractor": 8.0, INDEXES: 1.5}


def test_what_is_measured_by_turns_is_one_figure_with_medians() -> None:
    turns = [
        figure("floor", "scaling", [seconds], cpu={"lxml": cpu})
        for seconds, cpu in ((1.0, 0.9), (5.0, 2.0), (2.0, 1.8))
    ]
    one = joined(turns)
    assert (one.seconds, one.cpu, one.key) == ([1.0, 5.0, 2.0], {"lxml": 1.8}, "floor")


def test_updates_that_were_repeated_are_told_by_their_medians() -> None:
    months = [Dump(Path("d"), Entity.RELEASE, count, 1) for count in (9_000, 9_000, 9_300)]
    walls, sent = (9.0, 1.0, 2.0), (9_000, 0, 300)
    turns = [
        [
            Load(dump, slow * wall, count)
            for dump, wall, count in zip(months, walls, sent, strict=True)
        ]
        for slow in (1.0, 3.0, 2.0)
    ]
    found = Results({}, {})
    keep_updates(found, "update", ("postgres",), turns, ["floor"])
    first, same, month = found.figures
    assert (first.key, first.goal) == ("update: postgres, first load", 9_000)
    assert (month.seconds, month.goal, month.floors) == ([2.0, 6.0, 4.0], 1_500, ["floor"])
    assert (same.goal, same.what) == (None, "0.0% of the records sent")
    # Both at once have a goal together; the months have none.
    keep_updates(found, "update", ("postgres", "neo4j"), turns, [])
    assert [figure.goal for figure in found.figures[3:]] == [3_500, None, None]


def test_costs_are_kept_with_what_the_databases_counted() -> None:
    found, counters = Results({}, {}), Counters(9, 0, 70, 7, 4, -1)
    dump = Dump(Path("d"), Entity.RELEASE, 9_000, 1)
    cpu = {"loader": 2.0, "extractor": 1.0}
    load = Load(dump, 4.0, 8_000, cpu=cpu, counters=counters)
    keep_costs(found, "PostgreSQL", (FIRST, NEXT), [load, replace(load, sent=300)])
    assert found.costs == [
        Cost("PostgreSQL", "first load", 9_000, 8_000, 4.0, 3.0, counters),
        Cost("PostgreSQL", "next month", 9_000, 300, 4.0, 3.0, counters),
    ]


def test_without_indexes_nothing_is_told_of_them() -> None:
    dump = Dump(Path("d"), Entity.RELEASE, 1_000, 4_500_000)
    found = figure_of([Load(dump, seconds=1.0, cpu={"loader neo4j": 2.0})], "k", "size", "t", "w")
    assert found.cpu == {"loader neo4j": 2.0}


def test_a_log_tells_its_events_but_no_half_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        '{"at":1.5,"event":"run_declared"}\n{"event":"loading"}\n{"at":2.5,"event":"run_declared"'
    )
    assert events(log, "run_declared") == [{"at": 1.5, "event": "run_declared"}]


class Refusing(Valkey):
    """Cannot be started, and keeps count in a file."""

    failure: ServerError

    def prepare(self, endpoint: Endpoint) -> None:
        with (self.folder.parent.parent / "tries").open("a") as tries:
            print(f"port {endpoint.port}", file=tries)
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "tries"),
    [(ServerError("no answer"), 3), (NotInstalledError("no program"), 1)],
)
def test_servers_that_do_not_answer_are_started_again(
    tmp_path: Path, failure: ServerError, tries: int
) -> None:
    kind = type("Kind", (Refusing,), {"failure": failure})
    with ExitStack() as stack, pytest.raises(ServerError, match=str(failure)):
        start(stack, {"store": kind}, tmp_path)
    assert (tmp_path / "tries").read_text().count("port") == tries


def test_a_group_that_cannot_be_measured_is_noted() -> None:
    found = Results({}, {})

    def skip() -> None:
        raise NotInstalledError("there is no java")

    def fail() -> None:
        raise NotEqualError("a sink differs")

    assert not attempt(found, "size", skip)
    assert not attempt(found, "scaling", fail)
    assert attempt(found, "update", lambda: None)
    assert found.skipped == {"size": "there is no java"}
    assert found.failed == {"scaling": "a sink differs"}


def figure(
    key: str,
    group: str,
    seconds: list[float],
    *,
    records: int = 1_000,
    goal: float | None = None,
    cpu: dict[str, float] | None = None,
) -> Figure:
    cpu = cpu or {"extractor": 0.1, "parse process": 0.2, "loader postgres": 0.1}
    return Figure(key, group, f"<{key}>", "what", records, 4_500 * records, seconds, cpu, goal)


def size_figures(sink: str) -> Iterator[Figure]:
    for name in (EMPTY, "artists", "labels", "masters", FIRST, SAME, LAST):
        seconds = [0.5 if name == SAME else 2.0]
        yield figure(size_key(sink, name), "size", seconds, records=100_000)
    yield figure(size_key(sink, MORE), "size", [1.0], records=110_000)


@pytest.fixture
def found() -> dict[str, Results]:
    curve = [(float(second), 10_000 * second) for second in range(11)]
    cost = Cost("both", "first", 100, 100, 10.0, 20.0, Counters(1_000, 0, 5_000_000, 0, 40, 20))
    profile = Profile("extractor, to PostgreSQL", 50, [("a|b (x.py)", 0.5)], [("c (y.py)", 0.75)])
    told = {
        "entities": Results(
            {"cores": "2", "measured": "then"},
            {"releases": 1_000},
            [
                figure(f"entities: {entity.plural}", "entities", [1.0, 2.0], goal=goal)
                for entity, goal in zip(goals.POSTGRES, (600, 600, 600, 800), strict=True)
            ],
        ),
        "scaling": Results(
            {"cores": "2", "measured": "now"},
            {"releases": 2_000},
            [figure("scaling: 1 parse, 1 loaders", "scaling", [0.2])],
        ),
        "size": Results({}, {}, [*size_figures("postgres")]),
        "update": Results({}, {}, [figure("update: both, first", "update", [1.0])]),
        "cost": Results({}, {}, costs=[cost]),
        "profile": Results({}, {}, profiles=[profile], skipped={"profile": "no more"}),
    }
    told["profile"].failed["size"] = "it failed:\n  at some place\nNameError: x\n"
    told["size"].curves[size_key("postgres", FIRST)] = curve
    return told


def rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_long_page_tells_all_groups(found: dict[str, Results], tmp_path: Path) -> None:
    page, *images = write_long_page(found, tmp_path / "benchmarks-long.md")
    text = page.read_text(encoding="utf-8")
    names = {"rates", "processors", "curves"}
    assert {image.name for image in images} == {f"benchmarks-long-{name}.png" for name in names}
    for image in images:
        assert image.read_bytes()[:4] == b"\x89PNG"
        assert f"(img/{image.name})" in text
    told = rows(text)
    assert ["entities", "then", "", "1,000"] in told
    assert ["scaling", "now", "", "2,000"] in told
    assert ["<entities: artists><br>what", "1,000", "4,500", "667", "500 to 1,000"] in [
        row[:5] for row in told
    ]
    # 1,000 in 1.5 s, 0.4 s of CPU.
    assert "- <entities: masters>: 17% below its goal.  The cores are 13% busy; parse" in text
    assert text.count("below its goal") == 1
    assert "## First load and updates" in text
    assert "## What an update costs in the databases" in text
    assert ["both, first", "100<br>100.0%", "10.0<br>100.0%"] in [row[:3] for row in told]
    assert ["50.0%", "`a¦b (x.py)`", "75.0%", "`c (y.py)`"] in told
    assert "Not measured: profile: no more" in text
    assert "Not measured: size: it failed: … NameError: x" in text


def test_a_long_page_of_one_group_has_no_other(found: dict[str, Results], tmp_path: Path) -> None:
    only = {"profile": found["profile"]}
    page, *images = write_long_page(only, tmp_path / "benchmarks-long.md")
    text = page.read_text(encoding="utf-8")
    assert images == []
    assert "## Where the time goes" in text
    assert "## Each entity by itself" not in text


def test_profiles_are_read_as_they_were_written(found: dict[str, Results], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.write(found["profile"], path)
    assert results.read(path) == found["profile"]


def test_the_command_line_of_the_long_groups() -> None:
    assert read_options([]).long is None
    options = read_options(["--long"])
    assert (options.groups, options.long, options.cache) == (LONG_GROUPS, LongSizes(), CACHE)
    assert read_options(["--long", "--quick"]).long == QUICK_LONG
    assert read_options(["--long", "--only", "size,entities"]).groups == ("entities", "size")
    sizes = read_options(["--long", "--releases", "20000", "--repeats", "3"]).long
    assert sizes == LongSizes(20_000, 100_000, 100_000, 40_000, 40_000, 200_000, 3)
    grown = read_options(["--long", "--grown", "5000"]).long
    assert grown == LongSizes(grown=5_000)
    for wrong in (["--only", "size"], ["--long", "--only", "memory"]):
        with pytest.raises(SystemExit):
            read_options(wrong)


def test_tiny_sizes_do_not_overwrite_what_took_long() -> None:
    assert read_options(["--quick"]).cache != read_options([]).cache
