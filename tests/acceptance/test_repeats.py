"""What makes no difference: the same dump again, a cache lost."""

from pathlib import Path

import redis

from common.entities import LOAD_ORDER
from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.rig import Rig
from tests.oracle import Load, after

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
