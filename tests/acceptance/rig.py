"""A product at work for a test: its servers' URLs, its processes, and what its sinks report."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import tenacity

from common.entities import Entity
from common.reports import EntityReport, Progress, SinkReport, State
from common.store import Store, open_store
from config.settings import load_settings
from tests.acceptance.counting import counters
from tests.acceptance.processes import Finished, Process, running, start
from tests.oracle import Difference, Load, Truth, compare_graph, compare_postgres, explain

SINKS = ("postgres", "neo4j")
SETTLE_SECONDS = 90.0
_POLL_SECONDS = 0.1
_COUNT_SECONDS = 0.02
_BEATS_SECONDS = 3.0
_FINAL = (State.COMPLETE, State.BLOCKED, State.UNEQUAL)

Reports = dict[str, EntityReport]
"""What each sink reports of one entity's run."""

Read = dict[Entity, Progress]
"""How the reading of each entity's dump ended."""

Enough = Callable[[Mapping[str, SinkReport]], bool]


class NotYetError(Exception):
    """The sinks do not yet say what is waited for."""


class UnequalError(AssertionError):
    """A run has ended without a sink being equal to the dump."""


@dataclass(frozen=True)
class Urls:
    """The servers of a rig."""

    postgres: str = field(repr=False)
    graph: str = field(repr=False)
    store: str = field(repr=False)
    broker: str = field(repr=False)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of processes that use them."""
        return {
            "WAXLINE_POSTGRES_URL": self.postgres,
            "WAXLINE_GRAPH_URL": self.graph,
            "WAXLINE_STORE_URL": self.store,
            "WAXLINE_BROKER_URL": self.broker,
        }


class Rig:
    """Servers, two loaders that run, and extractors to be run."""

    def __init__(self, urls: Urls, folder: Path, store: Store) -> None:
        self.urls = urls
        self.folder = folder
        self.loaders: dict[str, Process] = {}
        self._store = store
        self._numbers = count(1)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the product's processes."""
        return self.urls.settings | {
            "WAXLINE_DATA_FOLDER": str(self.folder / "data"),
            "WAXLINE_PARSE_PROCESSES": "1",
        }

    def log(self, name: str) -> Path:
        """Return a log's path, a new one each time."""
        return self.folder / f"{next(self._numbers)}-{name}.log"

    async def start_loader(self, sink: str, **more: str) -> Process:
        """Start a sink's loader, in place of one that is gone."""
        log = self.log(f"loader-{sink}")
        self.loaders[sink] = await start(log, self.settings | more, "loaders", sink)
        return self.loaders[sink]

    async def stop_loaders(self) -> dict[str, Finished]:
        """Stop the loaders in order; what has ended already is told too."""
        return {sink: await loader.stop() for sink, loader in self.loaders.items()}

    async def extract(self, *dumps: Path, flags: Collection[str] = (), **more: str) -> Finished:
        """Run the extractor to its end; ``more`` are settings by their full names."""
        command = ("extractor", *flags, *map(str, dumps))
        async with running(self.log("extractor"), self.settings | more, *command) as process:
            return await process.ended()

    async def load(self, *dumps: Path, flags: Collection[str] = ()) -> Read:
        """Extract dumps and wait until both sinks say that they equal them."""
        read = await self.read(*dumps, flags=flags)
        await self.complete(read)
        return read

    async def load_again(self, *dumps: Path, flags: Collection[str] = ()) -> None:
        """Load dumps, and once more when a sink then says that it differs."""
        repeating = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(UnequalError),
            stop=tenacity.stop_after_attempt(2),
            reraise=True,
        )
        await repeating(self.load, *dumps, flags=flags)

    async def read(self, *dumps: Path, flags: Collection[str] = (), **more: str) -> Read:
        """Extract dumps; return what became of their records, without waiting for the sinks."""
        finished = await self.extract(*dumps, flags=flags, **more)
        assert finished.code == 0, finished.said
        read = {progress["entity"]: progress for progress in await self._store.progress()}
        return {Load(dump).entity: read[Load(dump).entity] for dump in dumps}

    async def complete(self, read: Read) -> None:
        """Wait until both sinks say that they equal the dumps that were read."""
        for entity, progress in read.items():
            for sink, report in (await self.settled(entity, progress["run"])).items():
                if report["state"] is not State.COMPLETE:
                    raise UnequalError(f"{sink}: {report}")

    async def ready(self) -> None:
        """Wait until both loaders have opened their sinks."""
        await self._until(lambda reports: reports.keys() >= set(SINKS))

    async def reports(self) -> Mapping[str, SinkReport]:
        """Return what the sinks have reported last."""
        return await self._store.reports()

    async def until_beaten(self, heartbeats: Mapping[str, float]) -> None:
        """Wait until each sink's loader has reported at this time, or later."""
        await self._until(
            lambda found: all(found[sink]["heartbeat"] >= at for sink, at in heartbeats.items())
        )

    async def settled(self, entity: Entity, run: int, sinks: Collection[str] = SINKS) -> Reports:
        """Wait until sinks have decided about a run, for good or not."""

        def decided(reports: Mapping[str, SinkReport]) -> bool:
            found = [reports[sink]["entities"].get(entity) for sink in sinks if sink in reports]
            good = [one for one in found if one and one["run"] == run and one["state"] in _FINAL]
            return len(good) == len(sinks)

        reports = await self._until(decided)
        return {sink: reports[sink]["entities"][entity] for sink in sinks}

    async def refused(self, run: int) -> dict[str, str]:
        """Wait until both sinks have refused a run; return their reasons."""
        reports = await self._until(
            lambda found: sum(str(run) in one["refused"] for one in found.values()) == len(SINKS)
        )
        return {sink: report["refused"][str(run)] for sink, report in reports.items()}

    async def drained(self, entity: Entity) -> Reports:
        """Wait until both sinks have found their queue of an entity empty, from now on."""
        before = await self._store.reports()

        def quiet(reports: Mapping[str, SinkReport]) -> bool:
            found = [one for sink, one in reports.items() if _is_later(one, before.get(sink))]
            return len(found) == len(SINKS) and all(r["entities"][entity]["quiet"] for r in found)

        reports = await self._until(quiet)
        return {sink: report["entities"][entity] for sink, report in reports.items()}

    async def holding(self, sink: str, entity: Entity, at_least: int) -> None:
        """Wait until a sink holds so many records of an entity, before it reports anything."""
        count = counters(self.urls.postgres, self.urls.graph)[sink]
        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda held: held < at_least),
            wait=tenacity.wait_fixed(_COUNT_SECONDS),
            stop=tenacity.stop_after_delay(SETTLE_SECONDS),
        )
        await asking(count, entity)

    async def compare(self, truth: Truth) -> dict[str, list[Difference]]:
        """Return how each sink differs from the truth."""
        postgres = await compare_postgres(self.urls.postgres, truth)
        graph = await compare_graph(self.urls.graph, truth)
        return {"postgres": postgres, "neo4j": graph}

    async def differences(self, truth: Truth) -> str:
        """Return how the sinks differ from the truth, empty when they do not."""
        found = await self.compare(truth)
        return "\n".join(f"{sink}: {explain(what)}" for sink, what in found.items() if what)

    async def _until(self, enough: Enough) -> dict[str, SinkReport]:
        """Poll the reports until they are enough; fail at the deadline with what they say."""
        async for attempt in tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(NotYetError),
            wait=tenacity.wait_fixed(_POLL_SECONDS),
            stop=tenacity.stop_after_delay(SETTLE_SECONDS),
            reraise=True,
        ):
            with attempt:
                reports = await self._store.reports()
                if enough(reports):
                    return reports
                self._assert_alive()
                raise NotYetError(f"the sinks say {reports}")
        raise AssertionError("never reached: the last attempt raises")

    def _assert_alive(self) -> None:
        """Fail at once when a loader has ended: nothing more will come of it."""
        for sink, loader in self.loaders.items():
            assert loader.code is None, f"the loader of {sink} has ended:\n{loader.said()}"


def _is_later(report: SinkReport, before: SinkReport | None) -> bool:
    """Tell whether a loader has looked at its queues since another of its reports, by its clock.

    A report tells of the look before it, which may be a beat old, as ``before`` may be.
    """
    return before is None or report["heartbeat"] > before["heartbeat"] + _BEATS_SECONDS


@asynccontextmanager
async def rigged(urls: Urls, folder: Path) -> AsyncIterator[Rig]:
    """Have a rig with both loaders running."""
    store = open_store(load_settings(store_url=urls.store).server("store"))
    rig = Rig(urls, folder, store)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        stack.push_async_callback(rig.stop_loaders)
        for sink in SINKS:
            await rig.start_loader(sink)
        await rig.ready()
        yield rig
