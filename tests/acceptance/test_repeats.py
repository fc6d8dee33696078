"""What makes no difference: the same dump again, a cache lost, a loader killed."""

from pathlib import Path

import redis

from common.entities import LOAD_ORDER, Entity
from tests.acceptance.material import month
from tests.acceptance.rig import SINKS, Rig
from tests.oracle import Load, after
from waxline.generator import Plan

PLAN = Plan(releases=300, seed=21, changed=0.1, deleted=0.03)
STORE_SECONDS = 10.0


async def test_an_emptied_store_costs_work_and_changes_nothing(
    embedded: Rig, tmp_path: Path
) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps") for number in (1, 2))
    await embedded.load(*first)
    again = await embedded.load(*first)
    for entity in LOAD_ORDER:
        assert again[entity]["sent"] == 0
        assert again[entity]["unchanged"] == again[entity]["read"] > 0
    truth = after(*map(Load, first))
    assert await embedded.differences(truth) == ""

    with redis.Redis.from_url(embedded.urls.store, socket_timeout=STORE_SECONDS) as store:
        store.flushdb()
    read = await embedded.load(*second)
    for entity in LOAD_ORDER:
        assert read[entity]["sent"] == read[entity]["read"]
        reports = await embedded.settled(entity, read[entity]["run"])
        for report in reports.values():
            assert report["unchanged"] > report["loaded"] > 0
    assert await embedded.differences(after(*map(Load, [*first, *second]))) == ""


async def test_loaders_killed_in_the_middle_lose_nothing(rig: Rig, tmp_path: Path) -> None:
    dumps = month(Plan(releases=600, seed=22), 1, tmp_path / "dumps")
    truth = after(*map(Load, dumps))
    await rig.stop_loaders()
    read = await rig.read(*dumps, WAXLINE_GROUP_BYTES="10000")
    for sink in SINKS:
        small = {"WAXLINE_POSTGRES_BATCH": "10", "WAXLINE_GRAPH_BATCH": "10"}
        loader = await rig.start_loader(sink, **small)
        await rig.holding(sink, Entity.RELEASE, at_least=20)
        await loader.kill()
    assert all((await rig.compare(truth)).values()), "the loaders were not killed in the middle"

    for sink in SINKS:
        await rig.start_loader(sink)
    await rig.complete(read)
    assert await rig.differences(truth) == ""
