"""The long benchmarks' own code: dumps, loads by turns, and the page."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from benchmarks.bench import Bench, Sizes
from benchmarks.dumps import Dump, slots_for
from benchmarks.figures import Cost, Counters, Results
from benchmarks.loads import (
    FIRST,
    INDEXES,
    NEXT,
    Load,
    figure_of,
    keep_costs,
    updates_of,
)
from benchmarks.long import LONG
from benchmarks.options import CACHE, QUICK, read_options
from benchmarks.pipeline import Course, events
from benchmarks.servers import Kinds, started
from benchmarks.turns import attempt
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


async def test_the_floors_of_a_load_are_clocked_once(tmp_path: Path) -> None:
    bench = Bench(Sizes(60, repeats=2), tmp_path, Results({}, {}))
    dump = bench.dump(Entity.RELEASE, 60)
    keys = await bench.floors("dump", dump)
    assert keys == ["dump: gunzip releases", "dump: lxml parse releases"]
    assert await bench.floors("dump", dump) == keys
    assert [figure.key for figure in bench.results.figures] == keys
    for figure in bench.results.figures:
        assert (figure.records, len(figure.seconds)) == (dump.records, 2)


def test_an_entity_by_itself_has_a_dump_as_large_as_asked_for(tmp_path: Path) -> None:
    bench = Bench(Sizes(releases=20), tmp_path, Results({}, {}))
    asked = {Entity.RELEASE: 20, Entity.ARTIST: 100, Entity.LABEL: 100, Entity.MASTER: 40}
    assert {entity: bench.sizes.whole(entity) for entity in asked} == asked
    found = {entity: bench.dump(entity, count).records for entity, count in asked.items()}
    assert found == asked


def test_repeated_loads_are_one_figure_with_medians() -> None:
    dump = Dump(Path("d"), Entity.RELEASE, 1_000, 4_500_000)
    loads = [
        Load(dump, seconds=wall, indexing=index, cpu={"PostgreSQL (postgres)": 5.0, "extractor": e})
        for wall, index, e in ((3.0, 1.0, 7.0), (1.0, 2.0, 9.0), (2.0, 1.5, 8.0))
    ]
    found = figure_of(loads, "entities", ("postgres",), "releases", "what")
    assert (found.rate, found.fastest) == (500, 1_000)
    assert found.slowest == pytest.approx(1_000 / 3)
    assert found.cpu == {"PostgreSQL (postgres)": 3.5, "extractor": 8.0, INDEXES: 1.5}


async def test_courses_and_floors_take_turns_and_one_that_fails_is_left_out(
    tmp_path: Path,
) -> None:
    bench = Repeating(Sizes(60, repeats=3), tmp_path, Results({}, {}))
    dump = bench.dump(Entity.RELEASE, 60)
    courses = {name: Course((name,), [dump]) for name in ("good", "bad")}
    keys, turns = await bench.by_turns("size", dump, courses)
    assert list(turns) == ["good"]
    assert [load.seconds for (load,) in turns["good"]] == [1.0, 2.0, 3.0]
    assert bench.results.failed == {"size: bad": "a sink differs"}
    assert bench.followed == ["good", "bad", "good", "bad", "good"]
    assert [(one.key, len(one.seconds)) for one in bench.results.figures] == [
        (key, 3) for key in keys
    ]


class Repeating(Bench):
    """Loads without servers; the second load of one course fails."""

    followed: ClassVar[list[str]] = []

    async def load(self, group: str, course: Course, kinds: Kinds | None = None) -> list[Load]:
        del group, kinds
        (name,) = course.sinks
        self.followed.append(name)
        if self.followed.count("bad") == 2 and name == "bad":
            raise NotEqualError("a sink differs")
        return [Load(course.dumps[0], seconds=float(self.followed.count(name)))]


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
    first, same, month = updates_of(turns, "update", ("postgres",))
    assert (first.key, first.goal) == ("update: postgres, first load", 9_000)
    assert (month.seconds, month.goal) == ([2.0, 6.0, 4.0], 1_500)
    assert (same.goal, same.what) == (None, "0.0% of the records sent")
    # Both at once have a goal together; the months have none.
    both = updates_of(turns, "update", ("postgres", "neo4j"))
    assert [figure.goal for figure in both] == [3_500, None, None]


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
    load = Load(dump, seconds=1.0, cpu={"loader neo4j": 2.0})
    found = figure_of([load], "size", ("neo4j",), "name", "what")
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
    with pytest.raises(ServerError, match=str(failure)), started({"store": kind}, tmp_path):
        pass
    assert (tmp_path / "tries").read_text().count("port") == tries


async def test_a_group_that_cannot_be_measured_is_noted() -> None:
    found = Results({}, {})

    async def skip() -> None:
        raise NotInstalledError("there is no java")

    async def fail() -> None:
        raise NotEqualError("a sink differs")

    async def measure() -> None:
        """Measure nothing."""

    assert not await attempt(found, "size", skip)
    assert not await attempt(found, "scaling", fail)
    assert await attempt(found, "update", measure)
    assert found.skipped == {"size": "there is no java"}
    assert found.failed == {"scaling": "a sink differs"}


def test_the_command_line_of_the_long_groups() -> None:
    assert not read_options([]).long
    options = read_options(["--long"])
    assert (options.groups, options.sizes, options.cache) == (tuple(LONG), Sizes(), CACHE)
    assert read_options(["--long", "--quick"]).sizes == QUICK
    assert read_options(["--long", "--only", "size,entities"]).groups == ("entities", "size")
    sizes = read_options(["--long", "--releases", "20000", "--repeats", "3"]).sizes
    assert sizes == Sizes(20_000, 3)
    assert (sizes.updated, sizes.grown, sizes.whole(Entity.LABEL)) == (40_000, 200_000, 100_000)
    for wrong in (["--only", "size"], ["--long", "--only", "memory"]):
        with pytest.raises(SystemExit):
            read_options(wrong)


def test_a_long_group_has_a_file_of_its_own() -> None:
    names = [path.name for path in read_options(["--long", "--only", "size,cost"]).files]
    assert names == ["long-size.json", "long-cost.json"]
    assert [path.name for path in read_options([]).files] == ["benchmarks.json"]


def test_tiny_sizes_do_not_overwrite_what_took_long() -> None:
    assert read_options(["--quick"]).cache != read_options([]).cache
