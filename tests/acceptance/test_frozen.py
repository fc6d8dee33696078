"""No server answers any more: the programs stop all the same when they are told to."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
import tenacity

from common.entities import Entity
from common.store import open_store
from config.settings import load_settings
from generator import Plan
from tests.acceptance.material import month
from tests.acceptance.place import assert_said
from tests.acceptance.processes import running
from tests.acceptance.rig import SINKS, Rig, UnequalError, Urls
from tests.oracle import Load, after
from waxline.servers.server import Server

STOP_SECONDS = 10.0
"""What the documents promise."""

SLOWLY = {
    "WAXLINE_POSTGRES_BATCH": "4",
    "WAXLINE_POSTGRES_SESSIONS": "1",
    "WAXLINE_GRAPH_BATCH": "4",
    "WAXLINE_GRAPH_SESSIONS": "1",
    "WAXLINE_GROUP_BYTES": "10000",
}
FULL_SOON = {"WAXLINE_QUEUE_BYTES": "1000000"}
"""The queues are made with it, so all programs must have the same."""


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> list[Server]:
    """All servers of an installation."""
    names = ("postgres", "neo4j", "rabbitmq", "valkey")
    return [request.getfixturevalue(f"{name}_server") for name in names]


@contextmanager
def frozen(servers: Collection[Server]) -> Iterator[None]:
    """Have every process of these servers stand still for the length of a ``with``."""
    mains = [main for server in servers if (main := server.process.alive())]
    processes = [one for main in mains for one in (main, *main.children(recursive=True))]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            _resume(process)


def _resume(process: psutil.Process) -> None:
    try:
        process.resume()
    except psutil.NoSuchProcess:
        return


@pytest.fixture
async def rig(installed_urls: Urls, tmp_path: Path) -> AsyncIterator[Rig]:
    """Both loaders at work, slowly, on queues that are soon full."""
    store = open_store(load_settings(store_url=installed_urls.store).server("store"))
    rig = Rig(installed_urls, tmp_path, store)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        stack.push_async_callback(rig.stop_loaders)
        for sink in SINKS:
            await rig.start_loader(sink, **SLOWLY, **FULL_SOON)
        await rig.ready()
        yield rig


@pytest.mark.long
async def test_programs_stop_though_no_server_answers(
    rig: Rig, servers: list[Server], tmp_path: Path
) -> None:
    dumps = month(Plan(releases=1500, seed=46), 1, tmp_path / "dumps")
    settings = rig.settings | SLOWLY | FULL_SOON
    command = ("extractor", *map(str, dumps))
    async with running(rig.log("extractor"), settings, *command) as extractor:
        for sink in SINKS:
            await rig.holding(sink, Entity.ARTIST, at_least=4)
        programs = [extractor, *rig.loaders.values()]
        with frozen(servers):
            for program in programs:
                os.kill(program.pid, signal.SIGTERM)
            ended = [program.ended(STOP_SECONDS) for program in programs]
            for finished in await asyncio.gather(*ended):
                assert_said(finished, 128 + signal.SIGTERM, "stopped by SIGTERM")

    for sink in SINKS:
        await rig.start_loader(sink, **FULL_SOON)
    await _load(rig, dumps)
    assert await rig.differences(after(*map(Load, dumps))) == ""


@tenacity.retry(
    # What was in the queues is dropped when the new run begins: the comparison finds it.
    retry=tenacity.retry_if_exception_type(UnequalError),
    stop=tenacity.stop_after_attempt(2),
    reraise=True,
)
async def _load(rig: Rig, dumps: list[Path]) -> None:
    await rig.complete(await rig.read(*dumps, **FULL_SOON))
