"""One connection to RabbitMQ, opened on first use and again after it was lost.

aio-pika's own reconnecting connection is not used: it restores state in the background, and a
publisher or consumer that has to know which delivery belongs to which connection is simpler
when it asks for the connection itself.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from tenacity import AsyncRetrying
from yarl import URL

from common.broker.rabbitmq_errors import translate, translate_refusal
from common.broker.waiting import LostError, retrying
from common.errors import ServerError, TransientError
from config.servers import ServerAccess, redact

CLOSE_SECONDS = 1.5
"""For the good-bye of a connection: a program that is told to end has others to close, too."""
HEARTBEAT_SECONDS = 10
"""A silent server is given up after three of them."""


class Link:
    """A connection for one purpose; ``channel`` gives a new channel on it."""

    def __init__(self, server: ServerAccess, purpose: str) -> None:
        self.shown = redact(server.url.partition("?")[0])
        self.where = f"RabbitMQ at {self.shown}"
        self.timeout = server.timeout
        self._url = _completed(server, self.shown)
        self._purpose = purpose
        self._server = server
        self._connection: AbstractConnection | None = None
        self._worked = False
        self._closed = False
        self._lock = asyncio.Lock()

    async def channel(self) -> AbstractChannel:
        """Return a new channel with publisher confirms, connecting if need be.

        Raises `TransientError` when that takes longer than ``retry_seconds`` (the first time
        ``connect_timeout``), `ServerError` when the server refuses us.
        """
        patience = self._server.retry_seconds if self._worked else self._server.connect_timeout
        try:
            async for trial in retrying(LostError, seconds=patience):
                with trial:
                    return await self._channel()
        except LostError as error:
            # No longer a `LostError`: a caller that repeats those must not begin anew.
            raise TransientError(str(error)) from error
        raise AssertionError("tenacity returns or raises")

    def retrying(self, error: type[TransientError] = LostError) -> AsyncRetrying:
        """Return the policy for a call that may fail so: again, for ``retry_seconds``."""
        return retrying(error, seconds=self._server.retry_seconds)

    async def close(self) -> None:
        """Close the connection for good."""
        self._closed = True
        await self.drop()

    async def drop(self) -> None:
        """Give the connection up: the next channel gets a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # A frozen server does not answer; its socket is closed all the same.
            with suppress(TimeoutError, *CONNECTION_EXCEPTIONS):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await connection.close()

    async def is_blocked(self) -> bool:
        """Tell whether the server takes no messages: it has an alarm for memory or disk."""
        transport = self._connection.transport if self._connection else None
        if transport is None:
            return False
        try:
            async with asyncio.timeout(0):
                await transport.connection.ready()
        except TimeoutError:
            return True
        return False

    @asynccontextmanager
    async def guard(self, seconds: float | None = None, about: str = "") -> AsyncIterator[None]:
        """Translate the driver's errors, under the deadline of a call by default.

        ``about`` names the queue or the key that is waited for: one may hang while others work.
        """
        try:
            async with asyncio.timeout(seconds or self.timeout):
                yield
        except (TimeoutError, *CONNECTION_EXCEPTIONS) as error:
            raise translate(error, self.where, about) from error
        except asyncio.CancelledError as error:
            # aiormq cancels what waits on a connection that it finds dead.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise LostError(f"lost {self.where}") from error
        except Exception as error:  # this very class: aiormq's, of an end without a reason
            if type(error) is not Exception:
                raise
            raise LostError(f"lost {self.where}") from error

    async def _channel(self) -> AbstractChannel:
        async with self._lock:
            if self._closed:
                raise ServerError(f"the connection to {self.where} was closed by us")
            if self._connection is None or not _is_open(self._connection):
                await self.drop()
                self._connection = await self._connect()
                self._worked = True
            connection = self._connection
        try:
            async with self.guard(self._server.connect_timeout):
                channel = connection.channel(publisher_confirms=True, on_return_raises=True)
                await channel.initialize()
                return channel
        except LostError:
            await self.drop()
            raise

    async def _connect(self) -> AbstractConnection:
        try:
            return await aio_pika.connect(
                self._url,
                timeout=self._server.connect_timeout,
                client_properties={"connection_name": f"waxline {self._purpose}"},
            )
        except (TimeoutError, *CONNECTION_EXCEPTIONS) as error:
            raise translate_refusal(error, self.where) from error


def _completed(server: ServerAccess, shown: str) -> URL:
    """Return the URL with a heartbeat and the authority to trust, where it names none itself."""
    trust = {"cafile": str(server.ca_file)} if server.ca_file else {}
    try:
        parsed = URL(server.url)
        return parsed.update_query({"heartbeat": HEARTBEAT_SECONDS, **trust, **parsed.query})
    except ValueError:
        raise ServerError(f"{shown} is not a URL of RabbitMQ") from None


def _is_open(connection: AbstractConnection) -> bool:
    return connection.connected.is_set() and not connection.is_closed
