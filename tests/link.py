"""A TCP link to a server that a test can spoil: mute, cut, empty, slow down, or half close."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK = 65_536
_TICK = 0.1  # s
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends a reset


class Link:
    """A proxy in front of one server; ``port`` is where it listens on 127.0.0.1.

    ``muted``: the server hears, and nothing comes back.  ``black_hole``: nothing passes, either
    way, and no connection ends.  ``bytes_per_second``: how fast it is (0: as fast as it can).
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._pumps: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._servers: set[asyncio.StreamWriter] = set()
        self._mute_at = b""
        self._times = 0
        self._muting = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()
        self._half: set[asyncio.StreamWriter] = set()
        self.muted = False
        self.bytes_per_second = 0
        self.port = 0

    def mute_at(self, words: bytes, times: int = 1) -> None:
        """Mute the link as soon as a client says these words, as often as that.

        The server still hears them.
        """
        self._mute_at, self._times = words, times
        self._muting.clear()

    async def until_muted(self) -> None:
        """Wait until a client has said the words."""
        await self._muting.wait()

    def restore(self) -> None:
        """Let everything through again; replies that were lost stay lost."""
        self.muted, self._mute_at = False, b""
        self.bytes_per_second = 0
        self._open.set()

    def black_hole(self) -> None:
        """Let nothing through from now on; what is said meanwhile is said late."""
        self._open.clear()

    def lead_to(self, url: str) -> None:
        """Lead to the server of another URL, and reset the connections to the one before."""
        self._target = _place(url)
        self.reset()

    def reset(self) -> None:
        """Reset every connection, on both ends."""
        for writer in (*self._clients, *self._servers):
            _reset(writer)

    def half_open(self) -> None:
        """End the servers' side of every connection, and do not tell the clients."""
        self._half |= self._clients
        for writer in self._servers:
            _reset(writer)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            replies, requests = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            return
        self._clients.add(writer)
        self._servers.add(requests)
        self._start(self._pump(reader, requests, is_request=True))
        self._start(self._pump(replies, writer, is_request=False))

    async def close(self) -> None:
        """Break every connection."""
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for writer in self._half:
            writer.close()

    def _start(self, pump: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(pump)
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)

    async def _pump(
        self, source: asyncio.StreamReader, drain: asyncio.StreamWriter, *, is_request: bool
    ) -> None:
        try:
            while chunk := await source.read(CHUNK):
                if is_request:
                    self._listen(chunk)
                await self._open.wait()
                if is_request or not self.muted:
                    await self._pass(chunk, drain)
        except OSError:
            pass  # either end may vanish: that is what links do
        finally:
            self._clients.discard(drain)
            self._servers.discard(drain)
            if drain not in self._half:
                drain.close()

    def _listen(self, chunk: bytes) -> None:
        if self._mute_at and self._mute_at in chunk:
            self._times -= 1
            if self._times <= 0:
                self.muted = True
                self._muting.set()

    async def _pass(self, chunk: bytes, drain: asyncio.StreamWriter) -> None:
        while chunk and self.bytes_per_second:
            some = max(1, round(self.bytes_per_second * _TICK))
            drain.write(chunk[:some])
            await drain.drain()
            chunk = chunk[some:]
            await asyncio.sleep(max(_TICK, some / self.bytes_per_second))
        drain.write(chunk)
        await drain.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that the other end is told by a reset."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


@asynccontextmanager
async def link_to(url: str) -> AsyncIterator[Link]:
    """Have a link to the server of a URL."""
    link = Link(*_place(url))
    server = await asyncio.start_server(link.serve, "127.0.0.1", 0)
    link.port = server.sockets[0].getsockname()[1]
    try:
        yield link
    finally:
        server.close()
        await link.close()


def through(link: Link, url: str) -> str:
    """Return the URL that goes through the link."""
    parts = urlsplit(url)
    place = f"127.0.0.1:{link.port}"
    return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{place}").geturl()
