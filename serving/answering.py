"""One process that answers: what it opens, and in which order that is closed again."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvicorn

from common.postgres.database import Database
from config.settings import Settings
from serving.application import make_application
from serving.database.schema import check_catalogue
from serving.parts import Parts, make_parts

_KEEP_ALIVE_SECONDS = 75

READ_ONLY = {"default_transaction_read_only": "on"}


@asynccontextmanager
async def answering(settings: Settings, listener: socket.socket) -> AsyncIterator[None]:
    """Answer for the length of a ``with``; what is being answered at its end is ended.

    Raises `ServerError` when PostgreSQL cannot be read, or holds no catalogue.
    """
    async with AsyncExitStack() as stack:
        parts = await _opened(settings, stack)
        server = _Server(
            uvicorn.Config(
                make_application(parts),
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds / 2)),
            )
        )
        await stack.enter_async_context(_running(server, listener))
        yield


async def _opened(settings: Settings, stack: AsyncExitStack) -> Parts:
    reading = Database(settings.server("reading"), settings.reading_sessions, READ_ONLY, kept=True)
    stack.push_async_callback(reading.close)
    await reading.open()
    await check_catalogue(reading)
    return make_parts(reading, settings.discogs_prefix, settings.public_address)


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
