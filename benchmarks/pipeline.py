"""Whole loads, with the processes that users run: dump → broker → loaders → sinks."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import tenacity

from benchmarks.data import Dump
from benchmarks.measure import Figure, Peak
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

Curve = list[tuple[float, int]]
"""Seconds since the start, records in the sink."""


class _NotYetError(NotEqualError):
    """The sinks do not yet say what is waited for."""


@dataclass
class Load:
    """What one load of a dump took, from the start of the extractor to the last verdict.

    ``sent`` are the records that went through the broker.
    """

    dump: Dump
    seconds: float = 0.0
    sent: int = 0
    cpu: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, Peak] = field(default_factory=dict)
    servers: dict[str, Peak] = field(default_factory=dict)
    curves: dict[str, Curve] = field(default_factory=dict)

    def figure(self, key: str, group: str, title: str, what: str) -> Figure:
        """Return this load as a figure."""
        return Figure(
            key, group, title, what, self.dump.records, self.dump.size, [self.seconds], self.cpu
        )


class Pipeline:
    """Loaders at work on some servers, and extractors to be run."""

    def __init__(self, servers: Running, sinks: Sequence[str], folder: Path, store: Store) -> None:
        self.sinks = sinks
        self._servers = servers
        self._folder = folder
        self._store = store
        self._loaders: dict[str, Process] = {}
        self._loads = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the product's processes: the servers, everything else as delivered."""
        return {
            **self._servers.settings,
            "WAXLINE_SINKS": ",".join(self.sinks),
            "WAXLINE_DATA_FOLDER": str(self._folder / "data"),
            "WAXLINE_LOG_FORMAT": "json",
            # The default on two cores: on more of them we still use but two.
            "WAXLINE_PARSE_PROCESSES": "1",
        }

    async def start_loaders(self) -> None:
        """Start a loader per sink, and wait until each has opened its own."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for sink in self.sinks:
            self._loaders[sink] = await start(self._log(sink), self.environment, "loaders", sink)
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
        command = ("extractor", str(dump.path))
        began = time.time()
        async with running(log, self.environment, *command) as extractor, sampling(sampler):
            sampler.watch("extractor", extractor.pid, ours=True, fresh=True)

            async def all_final() -> None:
                await self._look(load, before, time.time() - began, extractor)

            await self._until(all_final, deadline)
            seen = time.time() - began
        load.seconds = min(self._declared_at() - began, seen)
        load.cpu = sampler.cpu()
        load.peaks, load.servers = sampler.peaks(ours=True), sampler.peaks(ours=False)
        load.sent = await self._sent(dump.entity)
        return load

    def _sampler(self) -> Sampler:
        sampler = Sampler()
        for role, pid in self._servers.pids.items():
            title = self._servers.titles[role]
            sampler.watch(f"{title} ({role})", pid, ours=False)
        for sink, loader in self._loaders.items():
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
        return max(_last_verdict(self._log(sink)) for sink in self.sinks)

    def _log(self, sink: str) -> Path:
        return self._folder / f"loader-{sink}.log"

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
        if not set(self.sinks) <= (await self._store.reports()).keys():
            raise _NotYetError("the loaders are not ready")

    async def _until(self, look: Callable[[], Awaitable[None]], deadline: float) -> None:
        """Look again and again until nothing is missing, or a loader has ended."""

        async def checked() -> None:
            for sink, loader in self._loaders.items():
                if loader.code is not None:
                    raise NotEqualError(f"the loader of {sink} has ended:\n{loader.said()}")
            await look()

        await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_NotYetError),
            wait=tenacity.wait_fixed(_POLL),
            stop=tenacity.stop_after_delay(deadline),
            reraise=True,
        )(checked)


def _last_verdict(log: Path) -> float:
    """Return the moment of the last verdict in a loader's log, in seconds since the epoch."""
    verdicts = (orjson.loads(line) for line in log.open("rb") if b'"run_declared"' in line)
    return float(max(verdict["at"] for verdict in verdicts))


@asynccontextmanager
async def working(servers: Running, sinks: Sequence[str], folder: Path) -> AsyncIterator[Pipeline]:
    """Have loaders at work for the length of a ``with``."""
    store = open_store(load_settings(store_url=servers.urls["store"]))
    pipeline = Pipeline(servers, sinks, folder, store)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        stack.push_async_callback(pipeline.stop_loaders)
        await pipeline.start_loaders()
        yield pipeline
