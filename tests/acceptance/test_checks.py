"""Audit, verify and repair, on servers that the commands find by themselves."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.dumps import Dump, find_dumps
from common.entities import Entity
from common.errors import NotEqualError
from common.store import Store, open_store
from config.settings import load_settings
from config.sinks import SinkOptions
from extractor.dry_run import DryRun
from extractor.parsing.pool import open_pool
from generator import Plan
from loaders import open_sink
from tests.acceptance.material import month, rewritten
from tests.acceptance.place import Place, assert_said, place_on
from tests.acceptance.processes import Finished
from tests.acceptance.spoiling import STRANGER, spoil
from tests.oracle import Load, after, compare_graph, compare_postgres, explain
from waxline.check.findings import Findings
from waxline.check.repairing import compare_fingerprints, mark
from waxline.check.sink_audit import audit_sinks
from waxline.check.subjects import Subject, opened
from waxline.check.verifying import compare_contents
from waxline.servers.embedded import EmbeddedServers, Urls

PLAN = Plan(releases=150, seed=81, changed=0.1, deleted=0.03)
EVERYTHING = ("--show", "100")


@dataclass(frozen=True)
class World:
    """A catalogue loaded into both sinks of an embedded default."""

    place: Place
    urls: Urls

    async def waxline(self, *words: str) -> Finished:
        """Run a command."""
        return await self.place.run("waxline", *words)

    async def with_dumps(self, *words: str) -> Finished:
        """Run a command on the dumps that are loaded."""
        return await self.waxline(*words, *map(str, self.place.dumps))

    async def differences(self) -> str:
        """Return how the sinks differ from what the oracle says, once they are repaired."""
        truth = after(*map(Load, self.place.dumps))
        # What a repair deletes is noted as any deletion is, wherever it came from.
        truth.deletions.add((Entity.LABEL, STRANGER, PLAN.dump_date))
        found = await compare_postgres(self.urls.postgres, truth)
        return explain([*found, *await compare_graph(self.urls.graph, truth)])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A catalogue that every test leaves as it should be."""
    folder = tmp_path_factory.mktemp("checks")
    settings = {"WAXLINE_DATA_FOLDER": str(folder / "data"), "WAXLINE_PARSE_PROCESSES": "1"}
    dumps = month(PLAN, 1, folder / "dumps")
    with EmbeddedServers(folder / "data").borrowed() as urls:
        world = World(Place(settings, dumps, folder), urls)
        loaded = asyncio.run(world.with_dumps("run"))
        assert loaded.code == 0, loaded.said
        yield world


async def test_a_fresh_load_is_all_right(world: World) -> None:
    sampled = await world.with_dumps("verify", "--sample", "20", "--seed", "7")
    assert sampled.code == 0, sampled.said
    assert "releases: a sample of 20 of 150 records" in sampled.said
    repaired = await world.with_dumps("repair")
    assert repaired.code == 0, repaired.said
    assert "Nothing differs from the dumps." in repaired.said
    assert "Every sink equals its last run." in repaired.said
    assert "unchanged" not in repaired.said, "the dump was run for nothing"


async def test_what_was_spoilt_is_found_named_and_put_right(world: World) -> None:
    spoilt = await spoil(world.urls.postgres, world.urls.graph)
    assert await world.differences() != ""

    audited = await world.waxline("audit")
    assert_said(audited, 5, "not every sink equals its last run")
    for line in ("postgres, artists", "arcadedb, releases"):
        assert f"{line}: 1 of 2 ranges differ: ids 0 to 65535" in audited.said
    both = "postgres and arcadedb, labels"
    assert f"{both}: 1 of 2 ranges differ: ids 65536 to 2147483647" in audited.said

    verified = await world.with_dumps("verify", "--all", *EVERYTHING)
    assert_said(verified, 5, "records differ from the dumps")
    assert [one.statement for one in spoilt if not named(one.words, verified)] == []

    repaired = await world.with_dumps("repair")
    assert repaired.code == 0, repaired.said
    for line in ("postgres, artists: 1", "arcadedb, labels: 1", "arcadedb, releases: 1"):
        assert f"{line} record to be written again" in repaired.said
    verified = await world.with_dumps("verify", "--all", *EVERYTHING)
    assert verified.code == 5, verified.said
    still = [one for one in spoilt if named(one.words, verified)]
    assert still == [one for one in spoilt if not one.counted]

    repaired = await world.with_dumps("repair", "--all", *EVERYTHING)
    assert repaired.code == 0, repaired.said
    assert [one.statement for one in still if not named(one.words, repaired)] == []
    verified = await world.with_dumps("verify", "--all")
    assert verified.code == 0, verified.said
    assert await world.differences() == ""


def named(words: tuple[str, ...], finished: Finished) -> bool:
    """Tell whether all words are said about one difference."""
    place, what = words
    texts = finished.said.split(place)[1:]
    return any(what in "\n".join(text.splitlines()[:3]) for text in texts)


@pytest.mark.parametrize("command", ["verify", "repair"])
async def test_another_month_is_refused_in_a_sentence(
    world: World, tmp_path: Path, command: str
) -> None:
    labels = str(month(PLAN, 2, tmp_path)[1])
    refused = await world.waxline(command, labels)
    assert_said(refused, 5, "holds the labels of 20260101", "is of 20260201")


async def test_what_was_never_loaded_is_not_equal(postgres_url: str) -> None:
    sink = load_settings(postgres_url=postgres_url).sink("postgres")
    dump = Dump(Path("discogs_20260101_labels.xml.gz"), Entity.LABEL, 20260101, None)
    async with opened([open_sink(sink)], retry_seconds=60) as subjects:
        audits = await audit_sinks(subjects, [Entity.LABEL])
        assert [(audit.row, audit.equal) for audit in audits] == [(None, False)]
        with pytest.raises(NotEqualError, match="postgres holds no labels yet"):
            await compare_fingerprints([dry_run(dump)], subjects)


def dry_run(dump: Dump) -> DryRun:
    return DryRun(dump, record_limit=16_000_000, compiled=True)


async def test_what_a_run_has_left_out_is_no_difference(
    postgres_url: str, valkey_url: str, tmp_path: Path
) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps")[1] for number in (1, 2))
    place = place_on(postgres_url, valkey_url, [], tmp_path)
    spoilt = rewritten(second, tmp_path / "spoilt", left_out)
    for dump in (first, spoilt):
        loaded = await place.run("waxline", "run", str(dump))
        assert loaded.code == 0, loaded.said

    settings = load_settings(
        postgres_url=postgres_url, store_url=place.settings["WAXLINE_STORE_URL"]
    )
    sink, (spoilt_dump,) = settings.sink("postgres"), find_dumps([spoilt])
    async with opened([open_sink(sink)], retry_seconds=60) as subjects:
        await assert_nothing_differs(spoilt_dump, subjects)
    store = open_store(settings.server("store"))
    try:
        await assert_marked_is_found_again(spoilt_dump, sink, store)
    finally:
        await store.close()


async def assert_nothing_differs(dump: Dump, subjects: Sequence[Subject]) -> None:
    (audit,) = await audit_sinks(subjects, [Entity.LABEL])
    assert audit.equal
    assert audit.row
    assert audit.row.detail == "2 quarantined, 1 of them without a readable id, 1 not deleted"
    findings = Findings(limit=10)
    nothing_wrong = {Entity.LABEL: {"postgres": set[int]()}}
    assert await compare_fingerprints([dry_run(dump)], subjects) == nothing_wrong
    async with open_pool(1) as pool:
        wrong = await compare_contents([dry_run(dump)], subjects, pool, findings, 5)
    assert wrong == nothing_wrong
    assert findings.coverage[Entity.LABEL].left_out == 2
    assert findings.tallies[Entity.LABEL, "postgres"].kept == 1


async def assert_marked_is_found_again(dump: Dump, sink: SinkOptions, store: Store) -> None:
    """A repair that was killed before its run finds the same again, and the run sends it."""
    wrong = {Entity.LABEL: {"postgres": {1, 3}}}
    async with opened([open_sink(sink)], retry_seconds=60) as subjects:
        await mark([dump], subjects, store, wrong)
    async with opened([open_sink(sink)], retry_seconds=60) as subjects:
        assert await compare_fingerprints([dry_run(dump)], subjects) == wrong
        (audit,) = await audit_sinks(subjects, [Entity.LABEL])
    assert not audit.equal
    assert await store.known_blocks(Entity.LABEL) == []


def left_out(records: list[bytes]) -> list[bytes]:
    """Spoil the content of one label, the id of another, and leave out a third."""
    broken = records[3].replace(b"<data_quality>", b"<data_quality>&nosuch;", 1)
    nameless = b"<label><id>none</id><name>X</name></label>"
    return [*records[:3], broken, nameless, *records[5:]]
