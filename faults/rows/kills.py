"""The programs killed: at seeded moments, at named points, all of them at once."""

import asyncio
from collections.abc import Mapping

from common.faultpoints import VARIABLE
from faults.row import Row
from faults.stage import Stage

PROGRAMS = ("extractor", "loader-postgres", "loader-neo4j")

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
            tasks.create_task(_kill_often(stage, name))


async def _kill_often(stage: Stage, name: str) -> None:
    killed = 0
    while killed < stage.kills and not stage.loaded:
        await stage.moment(2.5)
        killed += stage.programs.kill(name)


async def _kill_parsers(stage: Stage) -> None:
    """Kill the extractor's parse processes at seeded moments, while the extractor lives."""
    killed = 0
    while killed < stage.kills and not stage.loaded:
        await stage.moment(1.0)
        killed += stage.programs.kill_workers("extractor")


def _doom(stage: Stage, name: str) -> Mapping[str, str]:
    """Let a program kill itself at a point chosen anew at each start."""
    if stage.programs.starts[name] > stage.kills:
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
        _kill_parsers,
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
