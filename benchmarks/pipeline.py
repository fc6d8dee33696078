"""Whole loads, with the processes that users run: dump → broker → loaders → sinks."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import tenacity

from benchmarks.counters import Meter
from benchmarks.dumps import Dump
from benchmarks.loads import Load
from benchmarks.servers import Running
from benchmarks.usage import Sampler, sampling
from common.entities import Entity
from common.errors import NotEqualError
from common.reports import EntityReport, State
from common.store import Store, open_store
from config.settings import load_settings
from tests.acceptance.processes import Process, running, start

_POLL = 0.1  # s
_STARTUP_SECONDS = 120.0
_LOAD_SECONDS = 300.0
_SLOWEST = 200.0  # records/s; slower for longer than the seconds above, a load counts as stuck
_FINAL = (State.COMPLETE, State.BLOCKED, State.UNEQUAL)


@dataclass(frozen=True)
class Workers:
    """How many parse processes the extractor has, and how many loaders each sink.

    One of each is what is delivered for two cores: on more of them we still use but two.
    """

    parse: int = 1
    loaders: int = 1

    def __str__(self) -> str:
        return f"parse processes: {self.parse}, loaders: {self.loaders}"


@dataclass(frozen=True)
class Course:
    """Dumps that are loaded one after the other into some sinks, by the same loaders.

    What comes ``before`` them is loaded too, but not clocked.  Of a ``metered`` course the
    databases are asked what each load costs there.
    """

    sinks: tuple[str, ...]
    dumps: Sequence[Dump]
    before: Sequence[Dump] = ()
    workers: Workers = Workers()
    metered: bool = False


class _NotYetError(NotEqualError):
    """The sinks do not yet say what is waited for."""


class Pipeline:
    """Loaders at work on some servers, and extractors to be run."""

    def __init__(self, servers: Running, course: Course, folder: Path, store: Store) -> None:
        self._sinks = course.sinks
        self._workers = course.workers
        self._servers = servers
        self._folder = folder
        self._store = store
        self._loaders: dict[str, Process] = {}
        self._loads = 0

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each loader, by its name."""
        return {name: loader.pid for name, loader in self._loaders.items()}

    async def start_loaders(self) -> None:
        """Start the loaders of each sink, and wait until all of them are ready."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for sink in self._sinks:
            for number in range(1, self._workers.loaders + 1):
                name = f"loader {sink}" if number == 1 else f"loader {sink} {number}"
                log = self._fresh_log(name)
                self._loaders[name] = await start(log, self._environment, "loaders", sink)
        await self._until(self._are_ready, _STARTUP_SECONDS)

    async def stop_loaders(self) -> None:
        """Stop the loaders; one that does not end by itself is killed, and told of, at the end."""
        stopped = [loader.stop() for loader in self._loaders.values()]
        for ended in await asyncio.gather(*stopped, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def load(self, dump: Dump) -> Load:
        """Load a dump and wait until every sink says that it equals it.

        Raises `NotEqualError` when one does not, or has not said so for very long.
        """
        before = {sink: run["run"] for sink, run in (await self._runs(dump.entity)).items()}
        sampler = self._sampler()
        load = Load(dump, curves={sink: [(0.0, 0)] for sink in self._sinks})
        self._loads += 1
        log = self._fresh_log(f"extractor {self._loads}")
        began = time.time()
        async with (
            running(log, self._environment, "extractor", str(dump.path)) as extractor,
            sampling(sampler),
        ):
            sampler.watch("extractor", extractor.pid, ours=True, fresh=True)

            async def all_final() -> None:
                await self._look(load, before, time.time() - began, extractor)

            await self._until(all_final, _LOAD_SECONDS + dump.records / _SLOWEST)
            seen = time.time() - began
        load.seconds = min(self._declared_at() - began, seen)
        load.indexing = self._indexing(dump.entity, began)
        load.cpu = sampler.cpu()
        load.peaks, load.servers = sampler.peaks(ours=True), sampler.peaks(ours=False)
        load.sent = await self._sent(dump.entity)
        return load

    @property
    def _environment(self) -> dict[str, str]:
        """The settings of the product's processes: the servers, everything else as delivered."""
        return {
            **self._servers.settings,
            "WAXLINE_SINKS": ",".join(self._sinks),
            "WAXLINE_DATA_FOLDER": str(self._folder / "data"),
            "WAXLINE_LOG_FORMAT": "json",
            "WAXLINE_PARSE_PROCESSES": str(self._workers.parse),
        }

    def _sampler(self) -> Sampler:
        sampler = Sampler()
        for role, pid in self._servers.pids.items():
            sampler.watch(f"{self._servers.titles[role]} ({role})", pid, ours=False)
        for name, pid in self.pids.items():
            sampler.watch(name.rstrip(" 0123456789"), pid, ours=True)
        return sampler

    async def _look(
        self, load: Load, before: dict[str, int], now: float, extractor: Process
    ) -> None:
        """Note how far the sinks are; raise `_NotYetError` unless all have decided."""
        if extractor.code:
            raise NotEqualError(f"the extractor failed:\n{extractor.said()}")
        runs = await self._runs(load.dump.entity)
        new = {sink: run for sink, run in runs.items() if run["run"] != before.get(sink)}
        for sink, run in new.items():
            load.curves[sink].append((round(now, 2), run["loaded"] + run["unchanged"]))
        states = [run["state"] for run in new.values()]
        final = len(new) == len(self._sinks) and all(state in _FINAL for state in states)
        if extractor.code is None or not final:
            raise _NotYetError(f"the sinks say {runs}")
        if any(state is not State.COMPLETE for state in states):
            raise NotEqualError(f"a sink does not equal its dump: {new}")

    def _declared_at(self) -> float:
        """Return when the last sink's verdict was committed: reports come up to a second later."""
        told = self._told("run_declared")
        return max(max(float(verdict["at"]) for verdict in told[sink]) for sink in self._sinks)

    def _indexing(self, entity: Entity, since: float) -> float:
        return sum(
            float(told["seconds"])
            for built in self._told("postgres_prepared").values()
            for told in built
            if told["entity"] == entity and _moment(told) >= since
        )

    def _told(self, event: str) -> dict[str, list[dict[str, Any]]]:
        """Return what the loaders of each sink have logged of an event."""
        told: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for name in self._loaders:
            told[name.split()[1]] += events(self._log(name), event)
        return told

    def _log(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.log"

    def _fresh_log(self, name: str) -> Path:
        """Return where a process logs; what the log tells must be of this process."""
        log = self._log(name)
        log.unlink(missing_ok=True)
        return log

    async def _runs(self, entity: Entity) -> dict[str, EntityReport]:
        reports = await self._store.reports()
        return {
            sink: report["entities"][entity]
            for sink, report in reports.items()
            if entity in report["entities"]
        }

    async def _sent(self, entity: Entity) -> int:
        told = await self._store.progress()
        return next(progress["sent"] for progress in told if progress["entity"] == entity)

    async def _are_ready(self) -> None:
        reported = set(self._sinks) <= (await self._store.reports()).keys()
        ready = sum(map(len, self._told("loader_ready").values()))
        if not reported or ready < len(self._loaders):
            raise _NotYetError("the loaders are not ready")

    async def _until(self, look: Callable[[], Awaitable[None]], deadline: float) -> None:
        """Look again and again until nothing is missing, or a loader has ended."""

        async def checked() -> None:
            for name, loader in self._loaders.items():
                if loader.code is not None:
                    raise NotEqualError(f"{name} has ended:\n{loader.said()}")
            await look()

        await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_NotYetError),
            wait=tenacity.wait_fixed(_POLL),
            stop=tenacity.stop_after_delay(deadline),
            reraise=True,
        )(checked)


def events(log: Path, event: str) -> list[dict[str, Any]]:
    """Return what a log says of an event, in its order."""
    marker = f'"event":"{event}"'.encode()
    with log.open("rb") as lines:
        # The last line may be half written.
        return [orjson.loads(line) for line in lines if marker in line and line[-1:] == b"\n"]


def _moment(told: dict[str, Any]) -> float:
    """Return when something was logged, in seconds since the epoch."""
    return datetime.fromisoformat(told["timestamp"]).timestamp()


async def follow(course: Course, servers: Running, folder: Path) -> list[Load]:
    """Load the dumps of a course; logs go to ``folder``."""
    async with AsyncExitStack() as stack:
        pipeline = await stack.enter_async_context(working(course, servers, folder))
        for dump in course.before:
            await pipeline.load(dump)
        if not course.metered:
            return [await pipeline.load(dump) for dump in course.dumps]
        meter = await stack.enter_async_context(Meter(servers.urls))
        await meter.added()  # what loaders do when they start counts for nothing
        return [await _metered(pipeline, meter, dump) for dump in course.dumps]


async def _metered(pipeline: Pipeline, meter: Meter, dump: Dump) -> Load:
    await meter.checkpoint()
    return replace(await pipeline.load(dump), counters=await meter.added())


@asynccontextmanager
async def working(course: Course, servers: Running, folder: Path) -> AsyncIterator[Pipeline]:
    """Have a course's loaders at work for the length of a ``with``."""
    store = open_store(load_settings(store_url=servers.urls["store"]).server("store"))
    pipeline = Pipeline(servers, course, folder, store)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        stack.push_async_callback(pipeline.stop_loaders)
        await pipeline.start_loaders()
        yield pipeline
