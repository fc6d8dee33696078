"""A TCP link to a server that a test can mute: the server hears, and nothing comes back."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

CHUNK = 65_536


class Link:
    """A proxy in front of one server; ``port`` is where it listens on 127.0.0.1."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._pumps: set[asyncio.Task[None]] = set()
        self._mute_at = b""
        self.muted = False
        self.port = 0

    def mute_at(self, words: bytes) -> None:
        """Mute the link as soon as a client says these words; the server still hears them."""
        self._mute_at = words

    def restore(self) -> None:
        """Let replies through again; those that were lost stay lost."""
        self.muted, self._mute_at = False, b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        replies, requests = await asyncio.open_connection(*self._target)
        self._start(self._pump(reader, requests, is_request=True))
        self._start(self._pump(replies, writer, is_request=False))

    async def close(self) -> None:
        """Break every connection."""
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def _start(self, pump: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(pump)
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)

    async def _pump(
        self, source: asyncio.StreamReader, drain: asyncio.StreamWriter, *, is_request: bool
    ) -> None:
        try:
            while chunk := await source.read(CHUNK):
                if is_request and self._mute_at and self._mute_at in chunk:
                    self.muted = True
                if is_request or not self.muted:
                    drain.write(chunk)
                    await drain.drain()
        except OSError:
            pass  # either end may vanish: that is what links do
        finally:
            drain.close()


@asynccontextmanager
async def link_to(url: str) -> AsyncIterator[Link]:
    """Have a link to the server of a URL."""
    parts = urlsplit(url)
    link = Link(str(parts.hostname), int(parts.port or 0))
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
