"""Stopped or killed in the middle: nothing is left running, and the same command continues."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from common.entities import Entity
from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import (
    Place,
    appeared,
    assert_all_end,
    assert_said,
    command_of,
    family,
    place_on,
)
from tests.oracle import Load, after, compare_postgres
from waxline.servers.process import ChildProcess

SLOWLY = {
    "WAXLINE_POSTGRES_BATCH": "4",
    "WAXLINE_POSTGRES_SESSIONS": "1",
    "WAXLINE_GROUP_BYTES": "10000",
}
EMBEDDED = {"POSTGRES": "postgres", "STORE": "store", "BROKER": "broker"}


@pytest.fixture(scope="module")
def long_dumps(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A month that takes some seconds, slowly."""
    return month(Plan(releases=400, seed=32), 1, tmp_path_factory.mktemp("dumps"))


@pytest.fixture
def place(postgres_url: str, valkey_url: str, long_dumps: list[Path], tmp_path: Path) -> Place:
    """Servers that work, and dumps that take some time."""
    return place_on(postgres_url, valkey_url, long_dumps, tmp_path)


async def assert_a_rerun_completes(place: Place) -> None:
    finished = await place.run("waxline", "run", *map(str, place.dumps))
    assert finished.code == 0, finished.said
    truth = after(*map(Load, place.dumps))
    assert not await compare_postgres(place.settings["WAXLINE_POSTGRES_URL"], truth)


def assert_discreet(place: Place, processes: list[psutil.Process]) -> None:
    """Check that no process has a password in its command line."""
    commands = [" ".join(command_of(process)) for process in processes]
    assert not [secret for secret in place.secrets for one in commands if secret in one]


@pytest.mark.long
async def test_a_run_that_is_stopped_and_killed_continues(place: Place) -> None:
    for at_least, number in ((20, signal.SIGTERM), (40, signal.SIGINT), (60, signal.SIGKILL)):
        async with place.running("waxline", "run", *map(str, place.dumps), **SLOWLY) as process:
            await appeared(process, "loaders")
            await place.holding(Entity.RELEASE, at_least)
            children = family(process)
            assert family(process, "loaders")
            assert_discreet(place, children)
            os.kill(process.pid, number)
            finished = await place.ended(process)
        await assert_all_end(children)
        if number is not signal.SIGKILL:
            assert_said(finished, 128 + number, f"stopped by {number.name}", "goes on")
    await assert_a_rerun_completes(place)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_the_servers_that_a_run_started_end_with_it(
    place: Place, number: signal.Signals
) -> None:
    own = {f"WAXLINE_{server}_URL": "" for server in EMBEDDED}
    folder = Path(place.settings["WAXLINE_DATA_FOLDER"])
    async with place.running("waxline", "run", *map(str, place.dumps), **own) as process:
        await appeared(process, "loaders")
        running = [ChildProcess(name, folder).alive() for name in EMBEDDED.values()]
        servers = [server for server in running if server]
        assert_discreet(place, servers)
        os.kill(process.pid, number)
        finished = await place.ended(process)
    assert len(servers) == len(EMBEDDED)
    await assert_all_end(servers)
    if number is not signal.SIGKILL:
        assert_said(finished, 128 + number, f"stopped by {number.name}")


async def test_a_loader_that_dies_is_started_again(place: Place) -> None:
    async with place.running("waxline", "run", *map(str, place.dumps), **SLOWLY) as process:
        await place.holding(Entity.RELEASE, at_least=10)
        (loader,) = family(process, "loaders")
        loader.kill()
        finished = await place.ended(process)
    assert finished.code == 0, finished.said
    assert "loader-postgres was killed by SIGKILL" in finished.said
    assert "started again" in finished.said
    truth = after(*map(Load, place.dumps))
    assert not await compare_postgres(place.settings["WAXLINE_POSTGRES_URL"], truth)


async def test_a_loader_that_always_dies_ends_the_run(place: Place) -> None:
    known: set[int] = set()
    async with place.running("waxline", "run", *map(str, place.dumps), **SLOWLY) as process:
        for _ in range(3):
            loader = await appeared(process, "loaders", but=known)
            known.add(loader.pid)
            loader.kill()
        finished = await place.ended(process)
    assert_said(finished, 137, "loader-postgres was killed by SIGKILL", "3 times", ".log")


async def test_an_extractor_that_dies_is_told(place: Place) -> None:
    async with place.running("waxline", "run", *map(str, place.dumps), **SLOWLY) as process:
        (await appeared(process, "extractor")).kill()
        finished = await place.ended(process)
    assert_said(finished, 137, "extractor was killed by SIGKILL", "extractor.log")


@pytest.mark.long
async def test_extractor_and_loader_stopped_alone_lose_nothing(place: Place) -> None:
    paths = map(str, place.dumps)
    async with (
        place.running("loaders", "postgres", **SLOWLY) as loader,
        place.running("extractor", *paths, WAXLINE_QUEUE_BYTES="1000000", **SLOWLY) as extractor,
    ):
        await place.holding(Entity.RELEASE, at_least=10)
        for process in (extractor, loader):
            os.kill(process.pid, signal.SIGTERM)
            assert_said(await place.ended(process), 143, "stopped by SIGTERM")
    await assert_a_rerun_completes(place)
