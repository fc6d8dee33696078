"""What a loader does not do unless told to, and what it leaves out."""

from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from common.entities import Entity
from common.reports import State
from generator import Plan
from tests.acceptance.material import month, rewritten
from tests.acceptance.rig import Rig
from tests.oracle import Load, Truth, after

PLAN = Plan(releases=150, seed=31, changed=0.2)
POISONED = 40


@dataclass(frozen=True)
class Loaded:
    """A rig that holds one month of releases."""

    rig: Rig
    dump: Path
    truth: Truth


@pytest.fixture
async def loaded(embedded: Rig, tmp_path: Path) -> Loaded:
    """The second month of the releases, loaded."""
    dump = month(PLAN, 2, tmp_path / "dumps")[-1]
    await embedded.load(dump)
    return Loaded(embedded, dump, after(Load(dump)))


async def test_an_older_dump_is_refused_until_it_is_allowed(loaded: Loaded, tmp_path: Path) -> None:
    older = month(PLAN, 1, tmp_path / "dumps")[-1]
    read = await loaded.rig.read(older)
    reasons = await loaded.rig.refused(read[Entity.RELEASE]["run"])
    assert all("20260101 is older than that of 20260201" in why for why in reasons.values())
    assert await loaded.rig.differences(loaded.truth) == ""

    # The refused reading has left no fingerprints: one is enough, and sends what differs.
    allowed = (await loaded.rig.load(older, flags=["--allow-older"]))[Entity.RELEASE]
    assert 0 < allowed["sent"] < allowed["read"]
    assert await loaded.rig.differences(after(Load(loaded.dump), Load(older))) == ""


async def test_a_sample_does_not_empty_the_catalogue_until_it_may(
    loaded: Loaded, tmp_path: Path
) -> None:
    sample = rewritten(loaded.dump, tmp_path / "sample", lambda records: records[:30])
    read = await loaded.rig.read(sample)
    run = read[Entity.RELEASE]["run"]
    for report in (await loaded.rig.settled(Entity.RELEASE, run)).values():
        assert report["state"] is State.BLOCKED
        assert "rows would be deleted, more than a tenth" in report["detail"]
        assert report["deleted"] == 0
    assert await loaded.rig.differences(loaded.truth) == ""

    await loaded.rig.load(sample, flags=["--allow-deletions"])
    assert await loaded.rig.differences(after(Load(loaded.dump), Load(sample))) == ""


async def test_a_poison_record_is_left_out_and_its_neighbours_load(
    embedded: Rig, tmp_path: Path
) -> None:
    clean = month(PLAN, 1, tmp_path / "dumps")[-1]
    numbers = list(after(Load(clean)).records[Entity.RELEASE])
    poisoned = rewritten(clean, tmp_path / "poisoned", _poison)
    left_out = Load(clean, quarantined={numbers[POISONED]})

    read = (await embedded.load(poisoned))[Entity.RELEASE]
    assert (read["quarantined"], read["sent"]) == (1, len(numbers) - 1)
    for report in (await embedded.settled(Entity.RELEASE, read["run"])).values():
        assert (report["exceptions"], report["detail"]) == (1, "1 quarantined")
    assert _quarantined(embedded) == {numbers[POISONED]}
    assert await embedded.differences(after(left_out)) == ""

    await embedded.load(clean)
    assert await embedded.differences(after(left_out, Load(clean))) == ""
    await embedded.load(poisoned)
    assert await embedded.differences(after(left_out, Load(clean), left_out)) == ""


def _poison(records: list[bytes]) -> list[bytes]:
    spoiled = records[POISONED].replace(b"<title>", b"<title>this & that ", 1)
    return [*records[:POISONED], spoiled, *records[POISONED + 1 :]]


def _quarantined(rig: Rig) -> set[int]:
    files = (rig.folder / "data" / "quarantine").glob("*.jsonl")
    lines = [line for file in files for line in file.read_bytes().splitlines()]
    return {orjson.loads(line)["id"] for line in lines}
