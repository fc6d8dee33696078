"""A peer that speaks Redis' protocol: it answers what a server was heard to say, and notes what
it is asked.  For what no server at hand says, as Dragonfly's errors."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

_OK = b"+OK\r\n"


class Peer:
    """Answers each command, by its name, with recorded replies: one after the other, then the last.

    A command without any gets OK, as what drivers say when they connect.  ``asked`` are the
    commands that have recorded replies, as they came.
    """

    def __init__(self, replies: Mapping[str, Sequence[bytes]]) -> None:
        self._replies = {name.encode(): list(recorded) for name, recorded in replies.items()}
        self.asked: list[list[bytes]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        try:
            while command := await _command(reader):
                writer.write(self._answer(command))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone
        finally:
            writer.close()

    def _answer(self, command: list[bytes]) -> bytes:
        recorded = self._replies.get(command[0].upper())
        if not recorded:
            return _OK
        self.asked.append(command)
        return recorded.pop(0) if len(recorded) > 1 else recorded[0]


@asynccontextmanager
async def peer(**replies: Sequence[bytes]) -> AsyncIterator[Peer]:
    """Have a peer on 127.0.0.1 that gives these replies to the commands named."""
    there = Peer(replies)
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0, limit=2**24)
    there.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield there
    finally:
        server.close()


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    head = await reader.readline()
    return [await _bulk(reader) for _ in range(int(head[1:] or 0))]


async def _bulk(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readline())[1:])
    return (await reader.readexactly(length + 2))[:-2]
