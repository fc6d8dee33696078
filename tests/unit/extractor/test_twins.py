"""The compiled walker and Python's are twins: the same bytes, the same reasons, the same counts."""

import gzip
import os
import subprocess
import sys
from array import array
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.entities import Entity
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.parsing.groups import Group, parse
from extractor.parsing.pool import open_pool
from extractor.walkers import COMPILED, GroupWalkers, choose_walkers
from generator import Plan, write_dumps
from tests.servers import REPOSITORY
from tests.unit.extractor.elements import elements
from tests.unit.extractor.groups import cut_groups, declined, group_of, record
from tests.unit.extractor.odd_elements import odd_elements

COMMAND_SECONDS = 60.0


@settings(max_examples=100)
@given(st.data(), st.sampled_from(Entity))
def test_odd_records_come_out_the_same(
    regular_walkers: GroupWalkers, data: st.DataObject, entity: Entity
) -> None:
    group = group_of(entity, [data.draw(odd_elements(entity, number)) for number in (1, 2, 3)])
    assert parse(group, regular_walkers) == parse(group)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(Entity))
def test_regular_records_of_all_years_are_not_declined(
    regular_walkers: GroupWalkers, data: st.DataObject, entity: Entity
) -> None:
    raws = [data.draw(elements(entity, st.just(number))) for number in (1, 2, 3)]
    group = group_of(entity, list(raws))
    assert declined(regular_walkers, group) == []
    assert parse(group, regular_walkers) == parse(group)


def _excerpts(folder: Path, entity: Entity) -> list[Path]:
    return sorted(folder.glob(f"*/discogs_*_{entity.plural}.xml.gz"))


@pytest.mark.parametrize("entity", list(Entity))
def test_excerpts_come_out_the_same_and_none_is_declined(
    regular_walkers: GroupWalkers, excerpts: Path, entity: Entity
) -> None:
    paths = _excerpts(excerpts, entity)
    assert paths
    for path in paths:
        for group in cut_groups(entity, gzip.decompress(path.read_bytes())):
            assert parse(group, regular_walkers) == parse(group)
            assert declined(regular_walkers, group) == []


@pytest.fixture(scope="module", params=["current", "old"])
def dumps(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a generated month in one of the two shapes."""
    folder = tmp_path_factory.mktemp("dumps")
    write_dumps(Plan(releases=600, shape=request.param), folder)
    return folder


@pytest.mark.parametrize("entity", list(Entity))
def test_generated_dumps_come_out_the_same_and_hardly_any_is_declined(
    regular_walkers: GroupWalkers, dumps: Path, entity: Entity
) -> None:
    (path,) = dumps.rglob(f"discogs_*_{entity.plural}.xml.gz")
    groups = cut_groups(entity, gzip.decompress(path.read_bytes()))
    assert [parse(group, regular_walkers) for group in groups] == [parse(group) for group in groups]
    total = sum(len(group.records) for group in groups)
    assert total > 50
    assert sum(len(declined(regular_walkers, group)) for group in groups) < total / 100


@pytest.mark.parametrize(
    "body",
    [
        "<new/>",
        "<title>a</title><title>b</title>",
        "<title>a<i>b</i></title>",
        "<title x='1'>a</title>",
        "<title xml:lang='en'>a</title>",
        "<title xmlns='urn:x'>a</title>",
        "<genres><style>a</style></genres>",
        "<genres x='1'/>",
        "<artists><artist><id>1 </id></artist></artists>",
        "<artists><artist><id>2147483648</id></artist></artists>",
        "<artists><artist><id><x/></id></artist></artists>",
        "<artists><artist><name>a</name><name>b</name></artist></artists>",
        "<labels><label new='1'/></labels>",
        "<labels><label xml:id='5'/></labels>",
        "<labels><label><x/></label></labels>",
        "<images><image width='wide'/></images>",
        "<master_id><x/></master_id>",
        "<id>1</id>",
    ],
)
def test_an_odd_record_alone_is_left_to_python(regular_walkers: GroupWalkers, body: str) -> None:
    _assert_left_to_python(regular_walkers, Entity.RELEASE, body)


@pytest.mark.parametrize(
    "body",
    [
        "<members><id x='1'>5</id><name>a</name></members>",
        "<members><id><x/></id></members>",
        "<members><id>x</id><name>a</name></members>",
        "<members><name id='5' x='1'>a</name></members>",
        "<members><name xml:id='5'>a</name></members>",
        "<members><new/></members>",
        "<members x='1'/>",
        "<urls><url x='1'>a</url></urls>",
    ],
)
def test_an_odd_artist_alone_is_left_to_python(regular_walkers: GroupWalkers, body: str) -> None:
    _assert_left_to_python(regular_walkers, Entity.ARTIST, body)


def _assert_left_to_python(regular_walkers: GroupWalkers, entity: Entity, body: str) -> None:
    bodies = ("<images/>", body, "<images/>")
    raws = [record(entity, number, one) for number, one in enumerate(bodies, 1)]
    group = group_of(entity, list(raws))
    assert declined(regular_walkers, group) == [1]
    assert parse(group, regular_walkers) == parse(group)


@pytest.mark.parametrize("inner", ["", "<artists><artist><name>a</name></artist></artists>"])
@pytest.mark.parametrize("depth", range(1, 12))
def test_tracks_of_any_depth_come_out_the_same(
    regular_walkers: GroupWalkers, depth: int, inner: str
) -> None:
    for _ in range(depth - 1):
        inner = f"<sub_tracks><track>{inner}</track></sub_tracks>"
    body = f"<tracklist><track>{inner}</track></tracklist>"
    group = group_of(Entity.RELEASE, [record(Entity.RELEASE, 1, body)])
    parsed = parse(group, regular_walkers)
    assert parsed == parse(group)
    assert len(parsed.bad) == (depth > 8)


def test_what_does_not_fit_is_refused_by_name(regular_walkers: GroupWalkers) -> None:
    with pytest.raises(TypeError, match="root"):
        regular_walkers[Entity.ARTIST](None, array("q"), array("Q"))


def test_no_memory_is_lost(regular_walkers: GroupWalkers) -> None:
    title = "<title>" + "x\n" * 50_000 + "</title>"
    raws = [record(Entity.RELEASE, number, title) for number in range(1, 6)]
    group = group_of(Entity.RELEASE, [*raws, record(Entity.RELEASE, 6, f"{title}<new/>")])
    process = psutil.Process()
    parse(group, regular_walkers)
    before = process.memory_info().rss
    for _ in range(200):
        parse(group, regular_walkers)
    lost = 200 * 200_000  # a buffer's bytes, were it not freed
    assert process.memory_info().rss - before < lost / 2


@pytest.mark.usefixtures("regular_walkers")
async def test_the_parse_processes_use_the_walker_they_are_given() -> None:
    group = group_of(Entity.LABEL, [record(Entity.LABEL, 1), record(Entity.LABEL, 2, "<bad>")])
    async with open_pool(1, compiled=True) as pool:
        assert pool.walker == "compiled"
        assert await pool.parse(group) == parse(group)


def test_the_setting_chooses_python() -> None:
    assert choose_walkers(compiled=False) is None


_ALONE = """
import sys
{before}
from common.entities import Entity
from extractor.parsing.groups import Group, parse
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.walkers import choose_walkers
walkers = choose_walkers(compiled=True)
assert walkers is None, walkers
records = RawRecords.of(Entity.LABEL, [RawRecord(1, 2, 0, b"<label><id>1</id>")])
parsed = parse(Group(Entity.LABEL, records), walkers)
sys.stdout.buffer.write(parsed.bodies[0])
"""


def _run_without(before: str) -> tuple[str, str]:
    """Parse in a process of its own, which does ``before`` first; return what it wrote and told."""
    done = subprocess.run(
        [sys.executable, "-c", _ALONE.format(before=before)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=COMMAND_SECONDS,
        check=True,
        capture_output=True,
        text=True,
    )
    *told, wrote = done.stdout.splitlines()
    return wrote, "\n".join(told)


WRITTEN = '[{"id":1,"fingerprint":2,"data":{}}]'


def test_all_works_where_it_was_not_built() -> None:
    assert _run_without(f"sys.modules[{COMPILED!r}] = None") == (WRITTEN, "")


def test_all_works_where_it_was_built_for_another_lxml(tmp_path: Path) -> None:
    (tmp_path / "compiled_walker.py").write_text("raise ImportError('built for another')")
    wrote, told = _run_without(
        f"import extractor.walkers as w; w.__path__.insert(0, {str(tmp_path)!r})"
    )
    assert wrote == WRITTEN
    assert "compiled_part_unfit" in told
    assert "built for another" in told


def test_group_keys_and_records_must_agree(regular_walkers: GroupWalkers) -> None:
    record = RawRecord(2, 5, 0, b"<label><id>1</id>")
    group = Group(Entity.LABEL, RawRecords.of(Entity.LABEL, [record]))
    assert declined(regular_walkers, group) == [0]
    assert parse(group, regular_walkers).bad == [(0, "two ids, 2 and 1")]
