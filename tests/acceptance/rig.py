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
from tests.acceptance.processes import Finished, Process, running, start
from tests.oracle import Load, Truth, compare_graph, compare_postgres, explain

SINKS = ("postgres", "neo4j")
SETTLE_SECONDS = 90.0
_POLL_SECONDS = 0.1
_FINAL = (State.COMPLETE, State.BLOCKED, State.UNEQUAL)

Reports = dict[str, EntityReport]
"""What each sink reports of one entity's run."""

Enough = Callable[[Mapping[str, SinkReport]], bool]


class NotYetError(Exception):
    """The sinks do not yet say what is waited for."""


@dataclass(frozen=True)
class Urls:
    """The servers of a rig."""

    postgres: str = field(repr=False)
    graph: str = field(repr=False)
    store: str = field(repr=False)
    broker: str = field(repr=False)


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
        return {
            "WAXLINE_POSTGRES_URL": self.urls.postgres,
            "WAXLINE_GRAPH_URL": self.urls.graph,
            "WAXLINE_STORE_URL": self.urls.store,
            "WAXLINE_BROKER_URL": self.urls.broker,
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

    async def extract(self, *dumps: Path, flags: Collection[str] = ()) -> Finished:
        """Run the extractor to its end."""
        command = ("extractor", *flags, *map(str, dumps))
        async with running(self.log("extractor"), self.settings, *command) as process:
            return await process.ended()

    async def load(self, *dumps: Path, flags: Collection[str] = ()) -> dict[Entity, Progress]:
        """Extract dumps and wait until both sinks say that they equal them."""
        read = await self.read(*dumps, flags=flags)
        for entity, progress in read.items():
            for sink, report in (await self.settled(entity, progress["run"])).items():
                assert report["state"] is State.COMPLETE, f"{sink}: {report}"
        return read

    async def read(self, *dumps: Path, flags: Collection[str] = ()) -> dict[Entity, Progress]:
        """Extract dumps; return what became of their records, without waiting for the sinks."""
        finished = await self.extract(*dumps, flags=flags)
        assert finished.code == 0, finished.said
        read = {progress["entity"]: progress for progress in await self._store.progress()}
        return {Load(dump).entity: read[Load(dump).entity] for dump in dumps}

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

    async def begun(self, sink: str, entity: Entity, at_least: int) -> None:
        """Wait until a sink reports that it has written so many records of an entity."""

        def enough(reports: Mapping[str, SinkReport]) -> bool:
            report = reports[sink]["entities"].get(entity) if sink in reports else None
            return report is not None and report["loaded"] >= at_least

        await self._until(enough)

    async def differences(self, truth: Truth) -> str:
        """Return how the sinks differ from the truth, empty when they do not."""
        postgres = explain(await compare_postgres(self.urls.postgres, truth))
        graph = explain(await compare_graph(self.urls.graph, truth))
        found = {"postgres": postgres, "graph": graph}
        return "\n".join(f"{sink}: {what}" for sink, what in found.items() if what)

    async def _until(self, enough: Enough) -> dict[str, SinkReport]:
        """Poll the sinks' reports until they are enough; fail at the deadline with what they say."""
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


@asynccontextmanager
async def rigged(urls: Urls, folder: Path) -> AsyncIterator[Rig]:
    """Have a rig with both loaders running."""
    store = open_store(load_settings(store_url=urls.store))
    rig = Rig(urls, folder, store)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        stack.push_async_callback(rig.stop_loaders)
        for sink in SINKS:
            await rig.start_loader(sink)
        yield rig
