"""Where the bad inputs are tried: an extractor, a broker, and both sinks with good records."""

import itertools
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis.asyncio

from common.broker import open_broker
from common.entities import LOAD_ORDER, Entity
from common.reports import State
from common.store import open_store
from config.settings import Settings, load_settings
from extractor.command import options_of
from extractor.parsing.pool import ParsePool, open_pool
from extractor.services import Services
from loaders.neo4j import GraphSink
from loaders.postgres import PostgresSink
from tests.integration.bad_inputs.cases import Case, Content, Place, plain, whole
from tests.integration.bad_inputs.extracting import Read, read
from tests.integration.bad_inputs.loading import Receiver, receiving

CANARY = "canary-6f1c"
_HOST = "127.0.0.1"
_SECONDS = 10.0


@dataclass(frozen=True)
class Urls:
    """The servers of a bench."""

    postgres: str = field(repr=False)
    graph: str = field(repr=False)
    valkey: str = field(repr=False)


class Bench:
    """Both sinks stay open for all cases; queues, store and folder are each case's own."""

    def __init__(
        self,
        urls: Urls,
        folder: Path,
        receivers: Sequence[Receiver],
        pool: ParsePool,
        listener: socket.socket,
    ) -> None:
        self.receivers = receivers
        self._urls = urls
        self._folder = folder
        self._pool = pool
        self._listener = listener
        self._numbers = itertools.count(1)

    def place(self, name: str) -> Place:
        """Make a place with a file and an address that no dump may make us open."""
        folder = self._folder / str(next(self._numbers))
        (folder / "dumps").mkdir(parents=True)
        canary = folder / "canary"
        canary.write_text(CANARY, encoding="utf-8")
        port = self._listener.getsockname()[1]
        return Place(folder / "dumps", name, canary, f"http://{_HOST}:{port}")

    @asynccontextmanager
    async def services(self, settings: Settings) -> AsyncIterator[Services]:
        """Have what an extractor works with: a broker and a store that hold nothing yet."""
        async with redis.asyncio.from_url(self._urls.valkey, socket_timeout=_SECONDS) as client:
            await client.flushall()
        async with AsyncExitStack() as stack:
            store = open_store(settings.server("store"))
            stack.push_async_callback(store.close)
            broker = open_broker(settings.server("broker"), settings.queue_bytes)
            stack.push_async_callback(broker.close)
            await broker.declare(settings.sinks)
            yield Services(broker, store, self._pool, options_of(settings))

    async def try_out(self, case: Case, place: Place) -> tuple[Path, Read]:
        """Read the dump of a case, and let both sinks take what was sent."""
        path = case.make(place)
        settings = load_settings(
            store_url=f"{self._urls.valkey}/0",
            broker_url=f"{self._urls.valkey}/1",
            data_folder=place.canary.parent / "data",
        )
        async with self.services(settings) as services:
            found = await read(case, path, services, settings)
            for receiver in self.receivers:
                await receiver.take(services.broker, case.entity)
        return path, found

    def was_asked(self) -> bool:
        """Tell whether anything has connected to the address."""
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    async def fill(self) -> None:
        """Load good records of each entity."""
        for entity in LOAD_ORDER:
            case = Case(0, "good", plain(_good_of(entity), entity), entity=entity)
            _, found = await self.try_out(case, self.place(case.title))
            assert not found.error
            for receiver in self.receivers:
                assert (await receiver.settled(entity)).state is State.COMPLETE


def _good_of(entity: Entity) -> Content:
    return lambda place: whole(place, entity)


@asynccontextmanager
async def benched(urls: Urls, folder: Path) -> AsyncIterator[Bench]:
    """Have a bench whose sinks hold good records."""
    settings = load_settings(postgres_url=urls.postgres, graph_url=urls.graph)
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listening())
        pool = await stack.enter_async_context(open_pool(1, compiled=True))
        sinks = (PostgresSink(settings.sink("postgres")), GraphSink(settings.sink("neo4j")))
        receivers = [await stack.enter_async_context(receiving(sink)) for sink in sinks]
        bench = Bench(urls, folder, receivers, pool, listener)
        await bench.fill()
        yield bench


def _listening() -> socket.socket:
    listener = socket.create_server((_HOST, 0))
    listener.setblocking(False)
    return listener
