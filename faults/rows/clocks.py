"""The programs' clocks set while they run: ahead in the first month, behind in the second."""

import asyncio
from collections.abc import Mapping

from faults.programs import PROGRAMS
from faults.rows.runs import PATIENT
from faults.stage import RoundError, Row, Stage

_STEPS = (600, 3_600, 86_400, 604_800)  # s
_WAYS = (-1, 1)
"""Ahead for who reads the first month, behind for the second: so that comes before the first."""
_SET_TIMES = 5
"""While a month is loaded."""


def _by_their_clocks(stage: Stage, name: str) -> Mapping[str, str]:
    return stage.clock(name).settings


async def _each_for_itself(stage: Stage) -> None:
    """Set the clock of each program by itself, as those of several machines are."""
    for dumps, way in zip(stage.months.both, _WAYS, strict=True):
        _set(stage, "extractor", way)
        async with stage.loading(dumps):
            for _ in range(_SET_TIMES):
                await stage.moment(2.0)
                name = stage.rng.choice(PROGRAMS)
                _set(stage, name, way if name == "extractor" else stage.rng.choice(_WAYS))


async def _all_of_a_run(stage: Stage) -> None:
    """Set the one clock of `waxline run`, and of all that it has started, again and again."""
    for dumps, way in zip(stage.months.both, _WAYS, strict=True):
        _set(stage, "run", way)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(stage.programs.run(dumps))
            while not running.done():
                await asyncio.wait([running], timeout=stage.rng.uniform(0, 3.0))
                _set(stage, "run", way)
        done = running.result()
        if done.code:
            raise RoundError(f"its clock was set, and it ended with {done.code}: {done.said}")


def _set(stage: Stage, name: str, way: int) -> None:
    stage.clock(name).set_back(way * stage.rng.choice(_STEPS))


CLOCKS = (
    Row(
        "clock-steps",
        "the clock of each program set by 10 minutes to a week, ten times",
        "the order of runs is kept; equal",
        _each_for_itself,
        plays=True,
        more=_by_their_clocks,
    ),
    Row(
        "clock-steps-run",
        "the clock of `waxline run` and of all that it starts set again and again",
        "it ends, and well",
        _all_of_a_run,
        settings=PATIENT,
        plays=True,
        more=_by_their_clocks,
        front=True,
        own=("store", "broker"),
    ),
)
