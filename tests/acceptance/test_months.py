"""Two months of a catalogue: both sinks equal the oracle, at the cost of what changed."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from common.entities import LOAD_ORDER, Entity
from generator import Plan, changes
from tests.acceptance.material import month
from tests.acceptance.rig import SINKS, Read, Rig
from tests.oracle import Load, after

PLAN = Plan(releases=600, seed=11, changed=0.1, deleted=0.03, added=0.05)
OLD = Plan(releases=300, seed=12, changed=0.1, deleted=0.03, added=0.05, shape="old")


@pytest.mark.long
async def test_two_months_load_though_loaders_are_killed(embedded: Rig, tmp_path: Path) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps") for number in (1, 2))
    await embedded.stop_loaders()
    read = await embedded.read(*first, WAXLINE_GROUP_BYTES="10000")
    for sink in SINKS:
        small = {"WAXLINE_POSTGRES_BATCH": "10", "WAXLINE_GRAPH_BATCH": "10"}
        loader = await embedded.start_loader(sink, **small)
        await embedded.holding(sink, Entity.RELEASE, at_least=20)
        await loader.kill()
    truth = after(*map(Load, first))
    assert all((await embedded.compare(truth)).values()), (
        "the loaders were not killed in the middle"
    )

    for sink in SINKS:
        await embedded.start_loader(sink)
    await embedded.complete(read)
    assert await embedded.differences(truth) == ""
    assert_only_changes_sent(PLAN, await embedded.load(*second))
    assert await embedded.differences(after(*map(Load, [*first, *second]))) == ""


@pytest.mark.long
async def test_two_months_of_the_old_shape(embedded: Rig, tmp_path: Path) -> None:
    first, second = (month(OLD, number, tmp_path / "dumps") for number in (1, 2))
    await embedded.load(*first)
    assert await embedded.differences(after(*map(Load, first))) == ""
    assert_only_changes_sent(OLD, await embedded.load(*second))
    assert await embedded.differences(after(*map(Load, [*first, *second]))) == ""

    for sink, stopped in (await embedded.stop_loaders()).items():
        assert stopped.code == 128 + signal.SIGTERM, (sink, stopped.said)
        assert "Traceback" not in stopped.said


def assert_only_changes_sent(plan: Plan, read: Read) -> None:
    """The second month sent what the generator says it added and changed, and nothing else."""
    for entity in LOAD_ORDER:
        stated = changes(replace(plan, month=2), entity)
        assert read[entity]["sent"] == len(stated.added | stated.changed), entity
        assert read[entity]["quarantined"] == 0
