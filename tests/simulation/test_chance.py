"""Nights of chance alone, a few of those that ``python -m tests.simulation`` has many of."""

import asyncio
from dataclasses import replace
from random import Random

import pytest

from tests.simulation import rules_out
from tests.simulation.night import Night
from tests.simulation.processes import Fault, Moment, Process, Trap
from tests.simulation.real_sinks import reality
from tests.simulation.scripts import PARTS, Script, play, shortened, written

NIGHTS = 20
REAL_NIGHTS = (12,)
"""Seeds: sinks are backed up, restored and recreated, and records are rejected."""

DISOBEDIENT = 10
"""Seed of a night in which a loader would go back to an older dump, were it not for the rule."""


def look(night: Night) -> None:
    night.world.check()


def goes_wrong(script: Script) -> bool:
    try:
        play(script, replace(PARTS, run_rows=rules_out.Obedient), look)
    except AssertionError as error:
        return "nobody allowed it" in str(error)
    return False


@pytest.mark.parametrize("seed", range(NIGHTS))
def test_a_night_ends_well(seed: int) -> None:
    play(written(seed), PARTS, look)


@pytest.mark.parametrize("second", [Fault.STALL, Fault.FREEZE])
async def test_a_thawed_process_goes_on_whatever_befell_the_call(second: Fault) -> None:
    process = Process("loader", Random(0), pace=0.0)
    process.traps = [Trap(Fault.STALL, Moment.BEFORE), Trap(second, Moment.BEFORE)]
    call = asyncio.create_task(process.call("write", _written))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not process.traps
    process.thaw()
    async with asyncio.timeout(10):
        assert await call == "written"


async def _written() -> str:
    return "written"


def test_the_same_seed_is_the_same_night() -> None:
    seen: list[list[str]] = [[], []]
    for told in seen:
        play(written(3), PARTS, lambda night, told=told: told.append(_state(night)))  # type: ignore[misc]
    assert seen[0] == seen[1]
    assert len(set(seen[0])) > 5


def _state(night: Night) -> str:
    held = [sorted(found.tables.items()) for found in night.world.databases.values()]
    runs = [tables.row for tables_of in held for _, tables in tables_of]
    return f"{night.world.loop.time()} {len(night.world.queues.past)} {runs}"


def test_a_night_without_a_rule_goes_wrong_in_as_few_steps_as_it_takes() -> None:
    script = written(DISOBEDIENT)
    assert goes_wrong(script)
    short = shortened(script, goes_wrong)
    assert goes_wrong(short)
    assert len(short.steps) < len(script.steps)
    assert str(short.steps[-1]) in str(short)
    assert f"seed {DISOBEDIENT}" in str(short)


@pytest.mark.long
def test_nights_on_the_real_sinks(postgres_url: str, neo4j_url: str) -> None:
    with reality(postgres_url, neo4j_url) as parts:
        for seed in REAL_NIGHTS:
            play(written(seed), parts, look)
