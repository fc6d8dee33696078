"""One process that answers: what it opens, and in which order that is closed again."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import uvicorn

from common.cache import Values, open_values
from common.cache.catalogue import CatalogueCache
from common.cache.compression import Codec, shipped_dictionary
from common.cache.keys import Keys
from common.cache.manager import CacheManager
from common.cache.statistics import Hits
from common.errors import TransientError
from common.postgres.database import Database
from config.settings import Settings
from serving.access.opening import opened_gate
from serving.application import make_application, make_finish, make_placings
from serving.database.records import Records
from serving.database.schema import check_catalogue
from serving.fill_locks import FillLocks
from serving.follower import Follower
from serving.front import Front
from serving.layers import Layers
from serving.memory import AnswerMemory
from serving.parts import Parts
from serving.statistics import Statistics
from serving.traffic import Traffic

_KEEP_ALIVE_SECONDS = 75

READ_ONLY = {"default_transaction_read_only": "on"}

BY_KEY = {**READ_ONLY, "plan_cache_mode": "force_generic_plan"}
"""For records by their ids: to plan their statement each time costs more than to run it."""


@asynccontextmanager
async def answering(settings: Settings, listener: socket.socket) -> AsyncIterator[None]:
    """Answer for the length of a ``with``; what is being answered at its end is ended.

    Raises `ServerError` when PostgreSQL cannot be read, or holds no catalogue.
    """
    async with AsyncExitStack() as stack:
        front = await _opened(settings, stack)
        server = _Server(
            uvicorn.Config(
                front,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds / 2)),
            )
        )
        await stack.enter_async_context(_running(server, listener))
        yield


async def _opened(settings: Settings, stack: AsyncExitStack) -> Front:
    reading = await _connected(settings, settings.reading_sessions, stack)
    await check_catalogue(reading)
    by_key = await _connected(settings, settings.reading_sessions, stack, BY_KEY)
    following = await _connected(settings, 1, stack)  # it is not to wait for those who ask
    memory, hits = AnswerMemory(settings.serve_memory), Hits()
    values = await _values(settings, hits, stack)
    follower = Follower(following, memory, _cache_opener(values, hits))
    await _first_look(follower, following)
    stack.push_async_callback(_cancelled, asyncio.create_task(follower.follow()))
    traffic = Traffic(logged=settings.serve_access_log)
    parts = Parts(
        reading=reading,
        records=Records(by_key),
        follower=follower,
        statistics=Statistics(hits, traffic),
        discogs_prefix=settings.discogs_prefix,
        public_address=settings.public_address,
    )
    locks = FillLocks(values, Keys(settings.namespace)) if values else None
    layers = Layers(memory, follower, locks, hits)
    gate = await stack.enter_async_context(opened_gate(settings))
    routes, placings = make_application(parts), make_placings(parts)
    return Front(routes, layers, placings, traffic, gate, make_finish(parts))


async def _connected(
    settings: Settings,
    sessions: int,
    stack: AsyncExitStack,
    own: Mapping[str, str] = READ_ONLY,
) -> Database:
    database = Database(settings.server("reading"), sessions, own, kept=True)
    stack.push_async_callback(database.close)
    await database.open()
    return database


async def _values(settings: Settings, hits: Hits, stack: AsyncExitStack) -> Values | None:
    """Return the server of cached answers, looked after; None where none is set."""
    if settings.cache_url is None:
        return None
    values = open_values(settings.server("cache"))
    keys = Keys(settings.namespace)
    manager = CacheManager({"cache": values}, keys, hits, published_in="cache")
    await stack.enter_async_context(manager)
    with contextlib.suppress(TransientError):  # it may come later
        await values.check()
    return values


def _cache_opener(values: Values | None, hits: Hits) -> Callable[[str], CatalogueCache | None]:
    codec = Codec(shipped_dictionary())

    def opened(identity: str) -> CatalogueCache | None:
        return CatalogueCache(values, identity, codec, hits) if values else None

    return opened


async def _first_look(follower: Follower, database: Database) -> None:
    """Have the follower begin, so that the first answers may come out of the cache."""
    async with database.session() as session:
        await follower.catch_up(session)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class _Server(uvicorn.Server):
    """A server that leaves the signals to `common.service`, and tells when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        try:
            await super().startup(sockets)
        finally:
            self.answers.set()


@asynccontextmanager
async def _running(server: _Server, listener: socket.socket) -> AsyncIterator[None]:
    serving = asyncio.create_task(server.serve([listener.dup()]))
    try:
        await server.answers.wait()
        yield
    finally:
        server.should_exit = True
        await serving
