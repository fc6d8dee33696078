"""A place to run the product's commands in: servers that work, dumps, and nothing leaks."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import tenacity

from common.command_lines import module_of
from common.entities import Entity
from tests.acceptance.counting import postgres_records
from tests.acceptance.processes import Finished, Process, running

CANARY = "canary-5w0rd"
WAIT_SECONDS = 120.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Place:
    """Settings by their full names; commands run in ``folder``."""

    settings: dict[str, str]
    dumps: list[Path]
    folder: Path

    async def run(self, *command: str, **changes: str) -> Finished:
        """Run a command with some settings changed; an empty one is left out."""
        async with self.running(*command, **changes) as process:
            return await self.ended(process)

    @asynccontextmanager
    async def running(self, *command: str, **changes: str) -> AsyncIterator[Process]:
        """Have a command for the length of a ``with``."""
        merged = {name: value for name, value in (self.settings | changes).items() if value}
        log = self.folder / f"said-{len(list(self.folder.glob('said-*')))}.log"
        async with running(log, merged, *command) as process:
            yield process

    async def ended(self, process: Process) -> Finished:
        """Wait for the end of a command; check that no password is anywhere in what it wrote."""
        finished = await process.ended(WAIT_SECONDS)
        logs = (self.folder / "data").rglob("*.log")
        everything = finished.said + "".join(log.read_text(encoding="utf-8") for log in logs)
        assert not [secret for secret in self.secrets if secret in everything]
        return finished

    @property
    def secrets(self) -> set[str]:
        """The passwords of the servers, and the one that is wrong."""
        urls = [urlsplit(value) for name, value in self.settings.items() if name.endswith("_URL")]
        return {CANARY} | {url.password for url in urls if url.password}

    async def logged(self, name: str, word: str) -> None:
        """Wait until a child of `waxline run` has logged a word."""
        log = self.folder / "data" / "logs" / f"{name}.log"

        async def said() -> bool:
            return log.exists() and word in log.read_text(encoding="utf-8", errors="replace")

        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda found: not found),
            wait=tenacity.wait_fixed(_POLL_SECONDS),
            stop=tenacity.stop_after_delay(WAIT_SECONDS),
        )
        await asking(said)

    async def holding(self, entity: Entity, at_least: int) -> None:
        """Wait until PostgreSQL holds so many records of an entity."""
        url = self.settings["WAXLINE_POSTGRES_URL"]
        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda held: held < at_least)
            | tenacity.retry_if_exception_message(match=".*does not exist"),
            wait=tenacity.wait_fixed(_POLL_SECONDS),
            stop=tenacity.stop_after_delay(WAIT_SECONDS),
        )
        await asking(postgres_records, url, entity)


def family(process: Process, module: str = "") -> list[psutil.Process]:
    """Return what a process has started, however deep; with a module, those that run it."""
    found = psutil.Process(process.pid).children(recursive=True)
    return [one for one in found if not module or module_of(command_of(one)) == module]


def command_of(process: psutil.Process) -> list[str]:
    """Return a process's command line, empty when it is gone."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


async def appeared(process: Process, module: str, but: Collection[int] = ()) -> psutil.Process:
    """Wait for a process that runs a module, other than those known by their ids."""

    async def new() -> list[psutil.Process]:
        return [one for one in family(process, module) if one.pid not in but]

    asking = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_result(lambda found: not found),
        wait=tenacity.wait_fixed(_POLL_SECONDS),
        stop=tenacity.stop_after_delay(WAIT_SECONDS),
    )
    found: list[psutil.Process] = await asking(new)
    return found[0]


async def assert_all_end(processes: list[psutil.Process]) -> None:
    """Wait until none of them runs any more."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=WAIT_SECONDS)
    assert not [command_of(one) for one in alive]


def assert_said(finished: Finished, code: int, *words: str) -> None:
    """Check the exit code, and that one sentence, and no traceback, says all of this."""
    assert "Traceback" not in finished.said, finished.said
    assert len(finished.sentences) == 1, finished.said
    for word in words:
        assert word in finished.sentences[0]
    assert finished.code == code


def place_on(postgres_url: str, valkey_url: str, dumps: list[Path], folder: Path) -> Place:
    """Return a place with one sink, so that a command that comes to its loader ends soon."""
    store = valkey_url.rpartition("/")[0]
    settings = {
        "WAXLINE_SINKS": "postgres",
        "WAXLINE_POSTGRES_URL": postgres_url,
        "WAXLINE_STORE_URL": f"{store}/0",
        "WAXLINE_BROKER_URL": f"{store}/1",
        "WAXLINE_DATA_FOLDER": str(folder / "data"),
        "WAXLINE_PARSE_PROCESSES": "1",
        "WAXLINE_CONNECT_TIMEOUT": "1",
        "WAXLINE_RETRY_SECONDS": "1",
    }
    return Place(settings, dumps, folder)
