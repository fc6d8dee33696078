"""One simulated installation: what runs in it, and how time passes."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Self, TypeVar

from common.errors import WaxlineError
from common.reports import Progress, SinkReport
from common.verdicts import Standing, Verdict, over
from config.settings import Settings
from extractor.run import Run
from extractor.services import Services
from tests.simulation.clockwork import Clockwork
from tests.simulation.dumps import Month, Promise
from tests.simulation.processes import Process
from tests.simulation.programs import Parts, Servers, extract, load
from tests.simulation.servers import UnreliableServer, UnreliableStore

T = TypeVar("T")

POSTGRES, NEO4J = "postgres", "neo4j"

_POLL = 0.5  # s, as `waxline run` does
_POLLS_WITHOUT_NEWS = 16
_EPOCH = 1_780_000_000  # s
_LONGEST = 900.0  # s, for whatever should come to an end


@dataclass
class Outcome:
    """What a `waxline run` came to: its readings, and each sink's last verdict."""

    readings: list[Progress] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def standings(self) -> set[Standing]:
        """How the sinks stand to the last reading."""
        return {verdict.standing for verdict in self.verdicts.values()}

    @property
    def good(self) -> bool:
        """Whether every sink says that it equals the dump."""
        return all(standing.good for standing in self.standings)


class World:
    """Databases, queues, a store, and the processes on them; all decisions from one seed."""

    def __init__(
        self, seed: int = 0, sinks: tuple[str, ...] = (POSTGRES,), parts: Parts | None = None
    ) -> None:
        self.chance = Random(seed)
        self.pace = 0.01
        self.skew = 0.0  # s, what the extractor's clock is off by
        self.wrongs: list[str] = []
        self.promises: dict[int, Promise] = {}
        self.loaders: dict[str, list[Process]] = {sink: [] for sink in sinks}
        self.readers: list[Process] = []
        self.loop = Clockwork()
        self.parts = parts or Parts()
        self.queues = UnreliableServer()
        self.store: UnreliableStore = self.parts.store(self.loop.time)
        self._servers = Servers(self.queues, self.store, self.parts)
        self._folder = tempfile.TemporaryDirectory()
        self.settings = Settings.model_validate(
            {
                "sinks": sinks,
                "data_folder": Path(self._folder.name),
                "group_bytes": 150,
                "publish_window": 3,
                "summary_seconds": 1e9,
            }
        )
        self.databases = {
            sink: self.parts.database(sink, self.promises, self.wrongs)
            for sink in (POSTGRES, NEO4J)
        }

    def __enter__(self) -> Self:
        for sink in self.loaders:
            self.start_loader(sink)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.run_until_complete(_end_all())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
        for database in self.databases.values():
            database.close()
        self._folder.cleanup()

    # Time

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let time pass until something is done."""
        result = self.loop.run_until_complete(_in_time(work))
        self.check()
        return result

    def let(self, seconds: float) -> None:
        """Let time pass."""
        self.do(asyncio.sleep(seconds))

    def check(self) -> None:
        """Fail with the first thing that must not have happened."""
        for database in self.databases.values():
            database.compare()
        assert not self.wrongs, self.wrongs[0]

    # Processes

    def start_loader(self, sink: str) -> Process:
        """Start a loader, beside those that run."""
        process = self._process(f"loader-{sink}")
        database = self.databases[sink]
        self._start(
            process, lambda: load(database, self.settings, self._servers, process, self.wrongs)
        )
        self.loaders[sink].append(process)
        return process

    def kill_loaders(self, sink: str) -> None:
        """Kill every loader of a sink, and wait for their end."""
        for process in self.loaders[sink]:
            process.kill()
        self.loaders[sink].clear()
        self.let(0.1)

    def start_reading(self, month: Month, **allowed: bool) -> Process:
        """Start one reading of a dump."""
        process = self._reader()
        self._start(process, lambda: self.read(month, process, **allowed))
        return process

    def run(self, month: Month, **allowed: bool) -> Outcome:
        """Do a `waxline run` from its beginning to its end."""
        return self.do(self.running(month, **allowed))

    async def running(self, month: Month, **allowed: bool) -> Outcome:
        """Read a dump, and again, as `waxline.run.pipeline` does."""
        outcome = Outcome()
        while len(outcome.readings) < self.parts.attempts:
            process = self._reader()
            outcome.readings.append(await self.read(month, process, **allowed))
            outcome.verdicts = await self._settled(outcome.readings[-1])
            if all(standing.final for standing in outcome.standings):
                break
        return outcome

    async def read(self, month: Month, process: Process, **allowed: bool) -> Progress:
        """Read a dump once."""
        settings = self.settings.model_copy(update=allowed)
        dump = month.write(Path(self._folder.name))

        def begin(services: Services, reports: Mapping[str, SinkReport]) -> Run:
            reading = self.parts.reading(
                dump, services, reports, self._nanoseconds, self.chance.getrandbits
            )
            self._promise(Promise(reading.run_id, month, **allowed))
            return reading

        progress = await extract(dump, settings, self._servers, process, begin)
        counted = progress["unchanged"] + progress["sent"] + progress["quarantined"]
        if progress["read"] != counted:
            self.wrongs.append(f"{progress['read']} read, {counted} accounted for")
        return progress

    def use(self, *sinks: str) -> None:
        """Set the sinks in use, and start loaders for new ones."""
        self.settings = self.settings.model_copy(update={"sinks": sinks})
        for sink in sinks:
            if not self.loaders.setdefault(sink, []):
                self.start_loader(sink)

    def wrongs_of(self, month: Month) -> list[str]:
        """Return in what the sinks in use differ from a dump."""
        promise = Promise(0, month)
        used = [self.databases[sink] for sink in self.settings.sinks]
        return [difference for database in used for difference in database.differences(promise)]

    def _reader(self) -> Process:
        process = self._process("extractor")
        self.readers.append(process)
        return process

    def _process(self, name: str) -> Process:
        return Process(name, Random(self.chance.getrandbits(32)), self.pace)

    def _start(self, process: Process, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        process.start(self.loop.create_task(self._watched(process, work)))

    async def _watched(
        self, process: Process, work: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        """Note the unexpected end of a process: a reading may fail, in a way it knows."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it is that ends a process
            group = ExceptionGroup(process.name, [error])
            _, unknown = group.split(WaxlineError)
            if process not in self.readers:
                unknown = group
            if unknown and not process.dead:
                self.wrongs.append(f"{process.name} ended by itself: {unknown.exceptions}")

    def _promise(self, promise: Promise) -> None:
        if promise.run in self.promises:
            self.wrongs.append(f"run {promise.run} was there before")
        self.promises[promise.run] = promise

    def _nanoseconds(self) -> int:
        return int((_EPOCH + self.loop.time() + self.skew) * 1e9)

    async def _settled(self, reading: Progress) -> dict[str, Verdict]:
        idle, before = 0, None
        verdicts: dict[str, Verdict] = {}
        while idle < _POLLS_WITHOUT_NEWS:
            reports = await self.store.reports()
            judged = self.parts.judge_all([reading], self.settings.sinks, reports)
            verdicts = {sink: verdict for (_, sink), verdict in judged.items()}
            if all(verdict.standing.final for verdict in verdicts.values()):
                break
            news = {sink: report["entities"] for sink, report in reports.items()}
            idle = idle + 1 if over(verdicts.values()) and news == before else 0
            before = news
            await asyncio.sleep(_POLL)
        return verdicts


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _in_time(work: Coroutine[Any, Any, T]) -> T:
    async with asyncio.timeout(_LONGEST):
        return await work
