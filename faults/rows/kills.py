"""The programs killed: at seeded moments, at named points, all of them at once."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import psutil

from common.faultpoints import VARIABLE
from extractor.parsing.process import MODULE
from faults.programs import PROGRAMS
from faults.stage import Row, Stage

POINTS: Mapping[str, tuple[str, ...]] = {
    "extractor": (
        "broker.publishing",
        "broker.confirmed",
        "fingerprints.bound",
        "fingerprints.writing",
        "fingerprints.written",
    ),
    "loader-postgres": ("postgres.copied", "postgres.committing", "postgres.committed"),
    "loader-neo4j": ("graph.upserted", "graph.committing", "graph.committed"),
}
OF_LOADERS = (
    "broker.acknowledged",
    "loader.admitted",
    "loader.committed",
    "loader.advanced",
    "settling.forgotten",
    "settling.prepared",
    "settling.deleted",
    "settling.swept",
    "settling.declared",
)
_MOST_PASSINGS = 4
_ANY_PASSINGS = 40


async def nothing(_stage: Stage) -> None:
    """Inject nothing more: the programs do it themselves."""


async def _at_moments(stage: Stage) -> None:
    """Kill each program at seeded moments, some of them while it starts."""
    async with asyncio.TaskGroup() as tasks:
        for name in PROGRAMS:
            tasks.create_task(_often(stage, 2.5, partial(stage.programs.kill, name)))


async def _parsers(stage: Stage) -> None:
    """Kill the extractor's parse processes at seeded moments, while the extractor lives."""
    await _often(stage, 1.0, partial(_kill_parsers, stage))


def _kill_parsers(stage: Stage) -> bool:
    parsers = stage.programs.children("extractor", MODULE)
    for parser in parsers:
        with suppress(psutil.NoSuchProcess):
            parser.kill()
    return bool(parsers)


async def _often(stage: Stage, most: float, kill: Callable[[], bool]) -> None:
    """Kill something as often as the row says, each time within ``most`` seconds."""
    killed = 0
    while killed < stage.row.kills and not stage.loaded:
        await stage.moment(most)
        killed += kill()


def _doom(stage: Stage, name: str) -> Mapping[str, str]:
    """Let a program kill itself at a point chosen anew at each start."""
    if stage.programs.starts[name] > stage.row.kills:
        return {}
    rng = stage.rng
    points = POINTS[name] + (OF_LOADERS if name != "extractor" else ())
    named = f"{rng.choice(points)}:{rng.randint(1, _MOST_PASSINGS)}"
    return {VARIABLE: f"{named},*:{rng.randint(1, _ANY_PASSINGS)}"}


KILLS = (
    Row(
        "kill-moments",
        "kill -9 of extractor and loaders at seeded moments",
        "resumed; equal",
        _at_moments,
    ),
    Row(
        "kill-parsers",
        "kill -9 of the extractor's parse processes at seeded moments",
        "the extractor ends with a sentence; started again, it goes on",
        _parsers,
        kills=6,
    ),
    Row(
        "kill-points",
        "kill -9 of extractor and loaders at named points",
        "resumed; equal",
        nothing,
        more=_doom,
    ),
    Row(
        "kill-points-embedded",
        "the same on Valkey's streams and ArcadeDB",
        "resumed; equal",
        nothing,
        more=_doom,
        kind="embedded",
    ),
)
