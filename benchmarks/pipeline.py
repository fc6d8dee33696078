"""Whole loads, with the processes that users run: dump → broker → loaders → sinks."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import tenacity

from benchmarks.data import Dump
from benchmarks.databases import Meter
from benchmarks.loads import Load
from benchmarks.sampling import Sampler, sampling
from benchmarks.servers import Running
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

    def __init__(
        self,
        servers: Running,
        sinks: Sequence[str],
        folder: Path,
        store: Store,
        workers: Workers,
    ) -> None:
        self.sinks = sinks
        self._servers = servers
        self._folder = folder
        self._store = store
        self._workers = workers
        self._loaders: dict[tuple[str, int], Process] = {}
        self._loads = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the product's processes: the servers, everything else as delivered."""
        return {
            **self._servers.settings,
            "WAXLINE_SINKS": ",".join(self.sinks),
            "WAXLINE_DATA_FOLDER": str(self._folder / "data"),
            "WAXLINE_LOG_FORMAT": "json",
            "WAXLINE_PARSE_PROCESSES": str(self._workers.parse),
        }

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each loader, by its name."""
        return {
            f"loader {sink}" if number == 1 else f"loader {sink} {number}": loader.pid
            for (sink, number), loader in self._loaders.items()
        }

    async def start_loaders(self) -> None:
        """Start the loaders of each sink, and wait until all of them are ready."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for sink, number in self._names():
            log = self._log(sink, number)
            log.unlink(missing_ok=True)  # what it tells must be of this loader
            self._loaders[sink, number] = await start(log, self.environment, "loaders", sink)
        await self._until(self._are_ready, _STARTUP_SECONDS)

    async def stop_loaders(self) -> None:
        """Stop the loaders; one that does not end by itself is killed, and told of, at the end."""
        stopped = [loader.stop() for loader in self._loaders.values()]
        ended = await asyncio.gather(*stopped, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def load(self, dump: Dump) -> Load:
        """Load a dump and wait until every sink says that it equals it.

        Raises `NotEqualError` when one does not, or has not said so for very long.
        """
        before = {sink: run["run"] for sink, run in (await self._runs(dump.entity)).items()}
        deadline = _LOAD_SECONDS + dump.records / _SLOWEST
        sampler = self._sampler()
        load = Load(dump, curves={sink: [(0.0, 0)] for sink in self.sinks})
        self._loads += 1
        log = self._folder / f"extractor-{self._loads}.log"
        log.unlink(missing_ok=True)
        command = ("extractor", str(dump.path))
        began = time.time()
        async with running(log, self.environment, *command) as extractor, sampling(sampler):
            sampler.watch("extractor", extractor.pid, ours=True, fresh=True)

            async def all_final() -> None:
                await self._look(load, before, time.time() - began, extractor)

            await self._until(all_final, deadline)
            seen = time.time() - began
        load.seconds = min(self._declared_at() - began, seen)
        load.indexing = self._indexing(dump.entity, began)
        load.cpu = sampler.cpu()
        load.peaks, load.servers = sampler.peaks(ours=True), sampler.peaks(ours=False)
        load.sent = await self._sent(dump.entity)
        return load

    def _sampler(self) -> Sampler:
        sampler = Sampler()
        for role, pid in self._servers.pids.items():
            title = self._servers.titles[role]
            sampler.watch(f"{title} ({role})", pid, ours=False)
        for (sink, _), loader in self._loaders.items():
            sampler.watch(f"loader {sink}", loader.pid, ours=True)
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
        if extractor.code is None or len(new) < len(self.sinks):
            raise _NotYetError(f"the sinks say {runs}")
        if any(run["state"] not in _FINAL for run in new.values()):
            raise _NotYetError(f"the sinks say {runs}")
        if any(run["state"] is not State.COMPLETE for run in new.values()):
            raise NotEqualError(f"a sink does not equal its dump: {new}")

    def _declared_at(self) -> float:
        """Return when the last sink's verdict was committed: reports come up to a second later."""
        told = [self._told(sink, "run_declared") for sink in self.sinks]
        return max(max(float(verdict["at"]) for verdict in verdicts) for verdicts in told)

    def _indexing(self, entity: Entity, since: float) -> float:
        built = [told for sink in self.sinks for told in self._told(sink, "postgres_prepared")]
        return sum(
            float(told["seconds"])
            for told in built
            if told["entity"] == entity and _moment(told) >= since
        )

    def _told(self, sink: str, event: str) -> list[dict[str, Any]]:
        """Return what the loaders of a sink have logged of an event."""
        logs = [self._log(*name) for name in self._loaders if name[0] == sink]
        return [told for log in logs for told in events(log, event)]

    def _names(self) -> list[tuple[str, int]]:
        return [(sink, n + 1) for sink in self.sinks for n in range(self._workers.loaders)]

    def _log(self, sink: str, number: int) -> Path:
        return self._folder / f"loader-{sink}-{number}.log"

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
        reported = set(self.sinks) <= (await self._store.reports()).keys()
        ready = sum(len(self._told(sink, "loader_ready")) for sink in self.sinks)
        if not reported or ready < len(self._loaders):
            raise _NotYetError("the loaders are not ready")

    async def _until(self, look: Callable[[], Awaitable[None]], deadline: float) -> None:
        """Look again and again until nothing is missing, or a loader has ended."""

        async def checked() -> None:
            for (sink, _), loader in self._loaders.items():
                if loader.code is not None:
                    raise NotEqualError(f"the loader of {sink} has ended:\n{loader.said()}")
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
        pipeline = await stack.enter_async_context(
            working(servers, course.sinks, folder, course.workers)
        )
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
async def working(
    servers: Running, sinks: Sequence[str], folder: Path, workers: Workers | None = None
) -> AsyncIterator[Pipeline]:
    """Have loaders at work for the length of a ``with``."""
    store = open_store(load_settings(store_url=servers.urls["store"]))
    pipeline = Pipeline(servers, sinks, folder, store, workers or Workers())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        stack.push_async_callback(pipeline.stop_loaders)
        await pipeline.start_loaders()
        yield pipeline
