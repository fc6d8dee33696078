"""The link that tests spoil does what it says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.link import Link, link_to

PATIENCE = 10.0
SILENCE = 0.2


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(1000):
            writer.write(said)
            await writer.drain()
    writer.close()


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    """A link to a server that says what it hears."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with link_to(f"tcp://127.0.0.1:{port}") as link:
        yield link
    server.close()


class Client:
    """A connection through the link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, said: bytes, seconds: float = PATIENCE) -> bytes:
        """Return what comes back; raise ``TimeoutError`` or ``OSError`` when nothing does."""
        self._writer.write(said)
        async with asyncio.timeout(seconds):
            await self._writer.drain()
            return await self._reader.readexactly(len(said))

    async def hear(self, count: int) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readexactly(count)

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
async def client(link: Link) -> AsyncIterator[Client]:
    """A client that has been heard and answered once."""
    client = Client(*await asyncio.open_connection("127.0.0.1", link.port))
    assert await client.ask(b"hello") == b"hello"
    yield client
    client.close()


async def test_replies_are_lost_from_the_words_on(link: Link, client: Client) -> None:
    link.mute_at(b"COMMIT", times=2)
    assert await client.ask(b"COMMIT") == b"COMMIT"
    with pytest.raises(TimeoutError):
        await client.ask(b"COMMIT", SILENCE)
    await asyncio.wait_for(link.until_muted(), PATIENCE)
    link.restore()
    assert await client.ask(b"again") == b"again"


async def test_a_black_hole_gives_back_what_it_took(link: Link, client: Client) -> None:
    link.black_hole()
    with pytest.raises(TimeoutError):
        await client.ask(b"one", SILENCE)
    link.restore()
    assert await client.hear(3) == b"one"


async def test_a_reset_reaches_the_client(link: Link, client: Client) -> None:
    link.reset()
    with pytest.raises((OSError, asyncio.IncompleteReadError)):
        await client.ask(b"one")


async def test_a_link_may_lead_to_another_server(link: Link, client: Client) -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(1000):
            writer.write(said.upper())
        writer.close()

    server = await asyncio.start_server(shout, "127.0.0.1", 0)
    link.lead_to(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises((OSError, asyncio.IncompleteReadError)):
        await client.ask(b"one")
    other = Client(*await asyncio.open_connection("127.0.0.1", link.port))
    assert await other.ask(b"two") == b"TWO"
    other.close()
    server.close()


async def test_a_half_open_connection_looks_alive(link: Link, client: Client) -> None:
    link.half_open()
    with pytest.raises(TimeoutError):
        await client.ask(b"one", SILENCE)
    other = Client(*await asyncio.open_connection("127.0.0.1", link.port))
    assert await other.ask(b"two") == b"two"
    other.close()


async def test_a_slow_link_carries_all_of_it(link: Link, client: Client) -> None:
    link.bytes_per_second = 1
    with pytest.raises(TimeoutError):
        await client.ask(b"slowly", SILENCE)
    link.restore()
    assert await client.hear(6) == b"slowly"
