"""The extractor and the loader, wired as their own entry points wire them, on linked servers."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from common.broker import Broker, Delivery, Subscription
from common.dumps import Dump
from common.entities import LOAD_ORDER, Entity
from common.errors import TransientError, WaxlineError
from common.messages import Kind, decode_range, decode_records
from common.records import Record
from common.reports import Progress, SinkReport
from common.store import Store
from common.verdicts import Verdict, judge_all
from config.settings import Settings
from extractor.command import options_of
from extractor.lease import keep_telling, leased, tell
from extractor.run import Run
from extractor.services import Services
from loaders.batcher import Batcher, BatchPolicy
from loaders.heartbeat import Heartbeat
from loaders.loop import Loop
from loaders.run_rows import RunRows
from loaders.settling import Settler
from loaders.sink import Sink
from loaders.trials import Trials
from loaders.writer import Writer, is_transient
from tests.fakes.broker import MemoryBroker
from tests.fakes.pool import ParseHere
from tests.fakes.sink import MemorySink
from tests.simulation.dumps import ENTITY, Promise, is_takeable
from tests.simulation.processes import Link, Process
from tests.simulation.properties import WatchedDatabase
from tests.simulation.servers import UnreliableServer, UnreliableStore

T = TypeVar("T")

_PREFETCH = 12
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0  # s

Judge = Callable[
    [Iterable[Progress], Iterable[str], Mapping[str, SinkReport]], dict[tuple[Entity, str], Verdict]
]


class UntidyLoop(Loop):
    """The loop without its garbage collections: each would walk through all of pytest."""

    def _collect_garbage(self) -> None:
        """Leave it to the collector."""


class TimelyWriter(Writer):
    """The writer with its patience in the time of here: tenacity's clock is the machine's.

    It also costs a third of a night, most of it to find out whether a function is a coroutine.
    """

    async def retrying(
        self,
        call: Callable[[], Awaitable[T]],
        passing: Callable[[BaseException], bool] = is_transient,
    ) -> T:
        """Repeat a call while its failure is ``passing``, for the time set; then raise."""
        clock = asyncio.get_running_loop().time
        until = clock() + self._retry_seconds
        wait = _FIRST_WAIT
        while True:
            try:
                return await call()
            except WaxlineError as error:
                if not passing(error) or clock() >= until:
                    raise
            await asyncio.sleep(random.uniform(0, wait))
            wait = min(2 * wait, _LONGEST_WAIT)


@dataclass(frozen=True)
class Parts:
    """What the simulation is made of; a test puts another in place of one to take a rule out."""

    reading: type[Run] = Run
    run_rows: type[RunRows] = RunRows
    loop: type[Loop] = UntidyLoop
    settler: type[Settler] = Settler
    writer: type[Writer] = Writer
    sink: Callable[[Any, Callable[[Record], bool]], Any] = MemorySink
    database: Callable[[str, Mapping[int, Promise], list[str]], WatchedDatabase] = WatchedDatabase
    broker: type[MemoryBroker] = MemoryBroker
    store: type[UnreliableStore] = UnreliableStore
    judge_all: Judge = judge_all
    attempts: int = 4


@dataclass(frozen=True)
class Servers:
    """What the processes share."""

    queues: UnreliableServer
    store: UnreliableStore
    parts: Parts


class _Settlements:
    """A subscription that looks whether what is acknowledged has been committed."""

    def __init__(
        self, subscription: Subscription, database: WatchedDatabase, wrongs: list[str]
    ) -> None:
        self.receive = subscription.receive
        self.reject = subscription.reject
        self.close = subscription.close
        self._subscription = subscription
        self._database = database
        self._wrongs = wrongs

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle messages."""
        for delivery in deliveries:
            if not self._is_committed(delivery):
                self._wrongs.append(f"acknowledged before the commit: {delivery.message.headers}")
        await self._subscription.ack(deliveries)

    def _is_committed(self, delivery: Delivery) -> bool:
        headers, body = delivery.message.headers, delivery.message.body
        tables = self._database.tables[headers.entity]
        if tables.row is None or tables.row.run != headers.run:
            return True
        if headers.kind is Kind.RANGE:
            return decode_range(body).index in tables.ranges
        held = tables.fingerprints()
        return all(held.get(rec["id"]) == rec["fingerprint"] for rec in decode_records(body))


class _Silence:
    """A subscription to a queue that nothing ever comes from."""

    async def receive(self, timeout: float) -> None:  # noqa: ASYNC109 - a poll
        """Wait for ever."""
        del timeout
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Do nothing."""


class LinkedSink(Link):
    """A sink as one process has it."""

    def __init__(self, sink: Sink, process: Process) -> None:
        super().__init__(sink, process)
        self.content = Link(sink.content, process)
        self.bookkeeping = Link(sink.bookkeeping, process)


async def extract(
    dump: Dump,
    settings: Settings,
    servers: Servers,
    process: Process,
    begin: Callable[[Services, Mapping[str, SinkReport]], Run],
) -> Progress:
    """Read a dump as `extractor.command` does; ``begin`` makes the reading."""
    broker = servers.parts.broker(servers.queues)
    await broker.declare(settings.sinks)
    store = cast(Store, Link(servers.store, process))
    services = Services(
        cast(Broker, Link(broker, process)), store, ParseHere(), options_of(settings)
    )
    reports: dict[str, SinkReport] = {}
    with contextlib.suppress(TransientError):
        reports = await store.reports()
    reading = begin(services, reports)
    leasing = leased(store, dump.entity, settings.lease_seconds)
    async with leasing as lease, asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(keep_telling(reading, lease, settings.summary_seconds))
        progress = await reading.run()
        telling.cancel()
    await tell(store, progress)
    return progress


async def load(
    database: WatchedDatabase,
    settings: Settings,
    servers: Servers,
    process: Process,
    wrongs: list[str],
) -> None:
    """Load as `loaders.command` does, until cancelled."""
    parts = servers.parts
    sink = cast(Sink, LinkedSink(parts.sink(database, is_takeable), process))
    broker = parts.broker(servers.queues)
    store = cast(Store, Link(servers.store, process))
    identity = await sink.identity()
    writer = parts.writer(sink, settings.retry_seconds)
    run_rows = parts.run_rows(sink.bookkeeping, writer)
    await run_rows.refresh()
    subscription = await broker.subscribe(sink.name, ENTITY, _PREFETCH)
    settlements = _Settlements(subscription, database, wrongs)
    # Every dump is of one entity here: the others' queues would only be woken for nothing.
    subscriptions = dict.fromkeys(LOAD_ORDER, cast(Subscription, _Silence()))
    subscriptions[ENTITY] = cast(Subscription, Link(settlements, process))
    batcher = Batcher(subscriptions, BatchPolicy(sink.batch_size, settings.linger))
    settler = parts.settler(sink, run_rows, writer)
    linked = cast(Broker, Link(broker, process))
    heartbeat = Heartbeat(
        sink, identity, linked, store, batcher, run_rows, settler, settings.summary_seconds
    )
    trials = Trials(sink.name, store, settings.delivery_limit)
    loop = parts.loop(sink, batcher, run_rows, writer, trials)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(heartbeat.keep_beating())
            for _ in range(sink.sessions):
                tasks.create_task(loop.work())
    finally:
        await batcher.close()
