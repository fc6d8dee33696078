"""What `waxline run` waits for may never come: it ends all the same, and says why."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import Place, appeared, assert_all_end, assert_said, place_on
from tests.acceptance.processes import Process
from tests.clock import Clock
from tests.oracle import Load, after, compare_postgres
from tests.servers import started
from waxline.servers.server import Server
from waxline.servers.valkey import Valkey


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A month that is read in a second."""
    return month(Plan(releases=400, seed=37), 1, tmp_path_factory.mktemp("dumps"))


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A Valkey that only this test has."""
    with started(Valkey("mortal", tmp_path)) as server:
        yield server


async def loader_frozen_when_all_is_read(place: Place, process: Process) -> psutil.Process:
    """Return the loader, frozen while it has all to do, when the extractor has ended."""
    extractor = await appeared(process, "extractor")
    loader = await appeared(process, "loaders")
    # It reads once the loader has its sink open, and has sent next to nothing by then.
    await place.logged("extractor", "reading_begins")
    loader.suspend()
    await assert_all_end([extractor])
    return loader


def kill(server: Server) -> None:
    process = server.process.alive()
    assert process is not None
    process.kill()


@pytest.mark.parametrize(
    ("role", "said"),
    [("STORE", ("the store at", "the same command again")), ("BROKER", ("loader-postgres: ",))],
)
async def test_a_store_or_broker_that_dies_after_the_reading_ends_the_run(
    postgres_url: str,
    valkey_url: str,
    mortal: Server,
    dumps: list[Path],
    tmp_path: Path,
    role: str,
    said: tuple[str, ...],
) -> None:
    place = place_on(postgres_url, valkey_url, dumps, tmp_path)
    place.settings[f"WAXLINE_{role}_URL"] = str(mortal.url())
    async with place.running("waxline", "run", *map(str, dumps)) as process:
        loader = await loader_frozen_when_all_is_read(place, process)
        kill(mortal)
        loader.resume()
        finished = await place.ended(process)
    assert_said(finished, 4, *said)


async def test_a_clock_that_is_set_back_does_not_keep_a_run(
    postgres_url: str, valkey_url: str, dumps: list[Path], tmp_path: Path
) -> None:
    """Plays an hour's step back of the clock that `run` and its children read."""
    place = place_on(postgres_url, valkey_url, dumps, tmp_path)
    clock = Clock(tmp_path)
    command = ("waxline", "run", *map(str, dumps))
    async with place.running(*command, **clock.settings) as process:
        loader = await loader_frozen_when_all_is_read(place, process)
        clock.set_back(3600)
        loader.resume()
        finished = await place.ended(process)
    assert finished.code == 0, finished.said
    assert not await compare_postgres(postgres_url, after(*map(Load, dumps)))
