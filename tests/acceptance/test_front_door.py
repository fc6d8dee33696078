"""``waxline run`` without any URL: servers of its own, and an exit code that tells the truth."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.material import month
from tests.acceptance.processes import Finished, running
from tests.oracle import Load, Truth, after, compare_graph, compare_postgres, explain
from waxline.generator import Plan
from waxline.servers import EmbeddedServers, Urls

PLAN = Plan(releases=100, seed=51, changed=0.2)
DEADLINE = 120.0


class FrontDoor:
    """The command, its folder, and the servers it starts there, left up for us to look."""

    def __init__(self, urls: Urls, folder: Path) -> None:
        self._urls = urls
        self._folder = folder

    async def run(self, *words: str | Path) -> Finished:
        """Run ``waxline run`` to its end."""
        settings = {"WAXLINE_DATA_FOLDER": str(self._folder / "data")}
        command = ("waxline", "run", *map(str, words))
        async with running(self._folder / "run.log", settings, *command) as process:
            return await process.ended(DEADLINE)

    async def differences(self, truth: Truth) -> str:
        """Return how the sinks differ from the truth."""
        postgres = await compare_postgres(self._urls.postgres, truth)
        return explain([*postgres, *await compare_graph(self._urls.graph, truth)])


@pytest.fixture
def front_door(tmp_path: Path) -> Iterator[FrontDoor]:
    """The front door, on the servers of an embedded default that runs already."""
    with EmbeddedServers(tmp_path / "data").borrowed() as urls:
        yield FrontDoor(urls, tmp_path)


async def test_run_ends_well_only_when_every_sink_equals_the_dumps(
    front_door: FrontDoor, tmp_path: Path
) -> None:
    first, second = (month(PLAN, number, tmp_path / "dumps") for number in (1, 2))
    # One file is of another month, and the order is none: each goes by its own date.
    mixed = [second[3], second[1], first[0], second[2]]
    done = await front_door.run(*mixed)
    assert done.code == 0, done.said
    assert await front_door.differences(after(*map(Load, mixed))) == ""

    refused = await front_door.run(first[1])
    assert refused.code == 5, refused.said
    assert "20260101 is older than that of 20260201" in refused.said
    assert await front_door.differences(after(*map(Load, mixed))) == ""
