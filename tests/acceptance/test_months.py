"""Two months of a catalogue: both sinks equal the oracle, at the cost of what changed."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from common.entities import LOAD_ORDER
from tests.acceptance.material import month
from tests.acceptance.rig import Rig
from tests.oracle import Load, after
from waxline.generator import Plan, changes

PLANS = {
    "current": Plan(releases=400, seed=11, changed=0.1, deleted=0.03, added=0.05),
    "old": Plan(releases=300, seed=12, changed=0.1, deleted=0.03, added=0.05, shape="old"),
}


@pytest.mark.parametrize("shape", PLANS)
async def test_two_months_load_at_the_cost_of_what_changed(
    rig: Rig, shape: str, tmp_path: Path
) -> None:
    plan = PLANS[shape]
    first, second = (month(plan, number, tmp_path / "dumps") for number in (1, 2))
    await rig.load(*first)
    assert await rig.differences(after(*map(Load, first))) == ""

    read = await rig.load(*second)
    assert await rig.differences(after(*map(Load, [*first, *second]))) == ""
    for entity in LOAD_ORDER:
        stated = changes(replace(plan, month=2), entity)
        assert read[entity]["sent"] == len(stated.added | stated.changed), entity
        assert read[entity]["quarantined"] == 0

    for sink, stopped in (await rig.stop_loaders()).items():
        assert stopped.code == 128 + signal.SIGTERM, (sink, stopped.said)
        assert "Traceback" not in stopped.said
