"""The benchmarks' own code at tiny sizes: that they measure what they say, not how fast."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from benchmarks import figures, floors, stages
from benchmarks.bench import Sizes
from benchmarks.counters import transaction_of
from benchmarks.dumps import Dump, World, slots_for
from benchmarks.figures import Cost, Counters, Figure, MemoryFigure, Peak, Results
from benchmarks.options import QUICK, read_options
from benchmarks.pages import SHORT_PAGE, write_page
from benchmarks.short import SHORT
from benchmarks.turns import Stage, Stopwatch, clock
from benchmarks.usage import Sampler
from common.entities import Entity
from tests.fakes.store import MemoryStore

COUNT = 120
REPEATS = 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("data"), slots_for(Entity.ARTIST, COUNT), "old")


@pytest.fixture(scope="module", params=[Entity.RELEASE, Entity.ARTIST])
def dump(world: World, request: pytest.FixtureRequest) -> Dump:
    return world.dump(request.param, COUNT)


def ids(dump: Dump) -> set[str]:
    root = etree.fromstring(b"".join(dump.blocks()))
    return {str(record.get("id") or record.findtext("id")) for record in root}


def test_a_dump_is_what_it_says(dump: Dump) -> None:
    text = b"".join(dump.blocks())
    assert len(text) == dump.size
    assert len(ids(dump)) == dump.records > COUNT / 2


def test_the_shape_is_chosen(tmp_path: Path, world: World) -> None:
    today = World(tmp_path, COUNT, "current").dump(Entity.RELEASE, COUNT)
    assert b"<images>" in b"".join(world.dump(Entity.RELEASE, COUNT).blocks())
    assert b"<images>" not in b"".join(today.blocks())


def test_the_next_month_has_most_of_the_same_releases(world: World) -> None:
    first, second = (world.dump(Entity.RELEASE, COUNT, month) for month in (1, 2))
    both = ids(first) & ids(second)
    assert len(ids(first) - both) < 0.1 * first.records
    assert ids(second) != ids(first)


def test_groups_hold_every_record_once(dump: Dump) -> None:
    found = list(dump.groups(10_000))
    assert len(found) > 1
    keys = [str(number) for group in found for number in group.records.ids]
    assert sorted(keys) == sorted(ids(dump))


async def test_every_stage_goes_through_all_records(dump: Dump) -> None:
    store = MemoryStore()
    found = await clock(
        [
            floors.gunzip("stages", dump),
            floors.gunzip_and_hash("stages", dump),
            floors.iterparse("stages", dump),
            floors.lxml_parse("stages", dump),
            stages.split("stages", dump),
            await stages.unchanged("stages", dump, store),
            stages.unchanged_from_file("stages", dump, store),
            stages.parse_to_records("stages", dump),
        ],
        REPEATS,
    )
    keys = [figure.key for figure in found]
    assert len(set(keys)) == len(keys)
    for figure in found:
        assert (figure.records, figure.size) == (dump.records, dump.size)
        assert len(figure.seconds) == REPEATS
        assert set(figure.floors) <= set(keys)


async def test_what_is_clocked_together_takes_turns(dump: Dump) -> None:
    order: list[str] = []

    def stage(name: str, *floors: str, share: float = 0.0) -> Stage:
        async def action(watch: Stopwatch) -> None:
            order.append(name)
            with watch:
                await asyncio.sleep(0)
            order.append(name)

        return Stage("g", name, name, "what", dump, action, floors, share=share)

    first, second = await clock([stage("a"), stage("b", "a", share=0.5)], 2)
    assert order == ["a", "a", "b", "b"] * 3
    assert second.floors == [first.key]
    assert second.goal == first.rate / 2


async def test_the_next_month_counts_only_if_something_has_changed(
    world: World, dump: Dump
) -> None:
    store = MemoryStore()
    await stages.unchanged("stages", dump, store)
    after = world.dump(dump.entity, COUNT, month=2)
    stage = stages.updated_from_file("stages", after, store)
    await stage.once()
    assert (stage.figure.records, len(stage.figure.seconds)) == (after.records, 1)
    assert stage.title.endswith("% changed")
    with pytest.raises(AssertionError, match="none of"):
        await stages.updated_from_file("stages", dump, store).once()


async def test_a_label_inside_of_another_is_no_record(world: World) -> None:
    _, labels, _ = world.before_releases()
    assert b"<label id=" in b"".join(labels.blocks())
    await floors.iterparse("stages", labels).once()


async def test_a_stage_that_misses_records_does_not_count(dump: Dump) -> None:
    too_many = replace(dump, records=dump.records + 1)
    found = f"found {dump.records} of {too_many.records}"
    with pytest.raises(AssertionError, match=found):
        await stages.split("stages", too_many).once()
    for parsed in (floors.iterparse, floors.lxml_parse):
        with pytest.raises(AssertionError, match=found):
            await parsed("stages", too_many).once()
    with pytest.raises(AssertionError, match=f"{dump.records} of {too_many.records} were parsed"):
        await stages.parse_to_records("stages", too_many).once()
    with pytest.raises(AssertionError, match=f"{dump.records} of .* were found changed"):
        await stages.unchanged_from_file("stages", dump, MemoryStore()).once()


def test_the_sampler_sees_this_process() -> None:
    sampler = Sampler()
    sampler.watch("tests", os.getpid(), ours=True, fresh=True)
    sampler.look()
    peak = sampler.peaks(ours=True)["tests"]
    assert peak.rss >= peak.uss > 1
    assert sampler.cpu()["tests"] > 0
    assert sampler.peaks(ours=False) == {}


def figure(key: str, seconds: float, goal: float | None = None, *floors: str) -> Figure:
    cpu = {"extractor": 1.0, "loader": 2.0}
    return Figure(key, "postgres", key, "what", 100, 450_000, [seconds], cpu, goal, list(floors))


@pytest.fixture
def found() -> Results:
    return Results(
        machine={"cores": "2"},
        options={"releases": 100},
        figures=[figure("floor: f", 0.5), figure("good", 1, 90, "floor: f"), figure("bad", 2, 90)],
        costs=[
            Cost(
                "both",
                "first",
                100,
                100,
                10.0,
                20.0,
                Counters(1_000, 0, 5_000_000, 10**6, 40, -1),
            ),
            Cost("both", "month", 100, 2, 1.0, 0.4, Counters(30, 25, 200_000, 120_000, 10, -1)),
            Cost("one", "first", 100, 100, 5.0, 8.0, Counters(-1, -1, -1, -1, -1, 20)),
            Cost("one", "month", 100, 3, 0.5, 0.2, Counters(-1, -1, -1, -1, -1, 4)),
        ],
        memory=[
            MemoryFigure("flat", Peak(100, 90), Peak(109, 99)),
            MemoryFigure("grows", Peak(100, 90), Peak(111, 99)),
            MemoryFigure("large", Peak(201, 90), Peak(201, 99)),
        ],
        memory_records=(100, 1_000),
        curves={"postgres: postgres": [(0.0, 0), (1.0, 100)]},
        servers={"PostgreSQL": 50.0},
        skipped={"neo4j": "there is no java"},
        failed={"update": "a sink differs"},
    )


def rows(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_tells_goals_floors_and_memory(found: Results, tmp_path: Path) -> None:
    page, *images = write_page(SHORT_PAGE, {"benchmarks": found}, tmp_path)
    assert len(images) == 4
    text = page.read_text(encoding="utf-8")
    for image in images:
        assert image.read_bytes()[:4] == b"\x89PNG"
        assert f"(img/{image.name})" in text
    by_name = {row[0].partition("<br>")[0]: row for row in rows(text) if len(row) > 6}
    assert by_name["good"][-2:] == ["90: met", "0.5 of f"]
    assert by_name["bad"][-2:] == ["90: missed", ""]
    assert [by_name[name][-1] for name in ("flat", "grows", "large")] == ["met", "missed", "missed"]
    assert by_name["both, month"][1:] == [
        "2<br>2.0%", "1.0<br>10.0%", "0.4<br>2.0%", "30<br>3.0%", "25", "0.2<br>4.0%",
        "0.08<br>2.0%", "10<br>25.0%", "not told",
    ]  # fmt: skip
    assert by_name["one, month"][1:4] == ["3<br>3.0%", "0.5<br>10.0%", "0.2<br>2.5%"]
    assert by_name["one, month"][4:] == [*["not told"] * 5, "4<br>20.0%"]
    assert "neo4j: there is no java" in text
    assert "update: a sink differs" in text


def test_a_bookmark_tells_the_last_transaction() -> None:
    found = "FB:kswQu3nK1QdKSRyEMSmi3lPcGskCVMwQAAAAAAAAAAAAAAAAAAAAASmQ"
    assert transaction_of(found) == 596
    assert transaction_of("FB:kswQAAAAAAAAAAAAAAAAAAAAASmQ") == -1


def test_results_are_read_as_they_were_written(found: Results, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    figures.write(found, path)
    assert figures.read(path) == found


def test_of_a_curve_is_kept_what_a_plot_shows(found: Results, tmp_path: Path) -> None:
    curve = [(second / 7, max(0, second - 400)) for second in range(3_000)]
    found.curves["postgres: postgres"] = curve
    figures.write(found, tmp_path / "results.json")
    kept = figures.read(tmp_path / "results.json").curves["postgres: postgres"]
    assert len(kept) == figures.POINTS + 1
    assert kept[0] == (0.0, 0)
    assert kept[-1] == (round(2_999 / 7, 2), 2_599)
    assert (round(400 / 7, 2), 0) in kept
    # The plot loses nothing: between two points that are kept there is little.
    assert max(b - a for (_, a), (_, b) in pairwise(kept)) <= 2_599 / figures.POINTS * 1.3


def test_a_page_begins_with_what_most_readers_come_for(found: Results, tmp_path: Path) -> None:
    loads = [
        replace(
            figure("postgres: postgres, first load", 2, None, "dump: lxml parse releases"),
            records=7_200,
        ),
        figure("dump: lxml parse releases", 0.01),
    ]
    found.figures += loads
    page, *_ = write_page(SHORT_PAGE, {"benchmarks": found}, tmp_path)
    first = [row for row in rows(page.read_text(encoding="utf-8")) if len(row) == 5][1:]
    # 19.2 million at 3,600/s are 1.5 hours.
    assert ["PostgreSQL alone, first load", "7,200", "3,600", "0.36", "1.5"] in first


def test_the_command_line() -> None:
    assert read_options([]).groups == tuple(SHORT)
    assert read_options(["--quick"]).sizes == QUICK
    assert read_options(["--shape", "current"]).sizes == Sizes(shape="current")
    assert read_options(["--only", "memory,stages"]).groups == ("stages", "memory")
    assert read_options(["--releases", "500"]).sizes == Sizes(500)
    with pytest.raises(SystemExit):
        read_options(["--only", "everything"])
