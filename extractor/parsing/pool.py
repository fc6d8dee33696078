"""The parse processes, each behind a socket.

`concurrent.futures` would do, but its pipes and threads take two to three times the CPU that a
socket in the loop takes: with it every byte of the dump and of the batches goes through a thread
that waits for the interpreter's lock at each 64 kB.
"""

import asyncio
import pickle
import socket
import subprocess
from collections import deque
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Protocol

from common.command_lines import python_command, python_environment
from common.errors import WaxlineError
from common.machine import usable_cores
from extractor.parsing.groups import Group, Parsed
from extractor.parsing.process import COMPILED, HEAD, MODULE, PYTHON

_SOCKET_BYTES = 1 << 21
"""Asked of the kernel, so that a group seldom goes in pieces; it may give less."""

_END_SECONDS = 5.0


class ParsePool(Protocol):
    """Parses groups somewhere else."""

    @property
    def walker(self) -> str:
        """Which walker serves: ``compiled`` or ``python``."""

    async def parse(self, group: Group) -> Parsed:
        """Parse one group; raises `WaxlineError` when a process has died."""


class ParseProcesses:
    """A `ParsePool` of processes of our own, started for the first group: there may be none."""

    def __init__(self, count: int, walker: str) -> None:
        self._count = count
        self._processes: list[_ParseProcess] = []
        self._starting = asyncio.Lock()
        self.walker = walker

    async def parse(self, group: Group) -> Parsed:
        """Parse one group, in the process that has the least to do."""
        async with self._starting:
            while len(self._processes) < self._count:
                self._processes.append(await _start(self.walker))
        return await min(self._processes, key=lambda process: process.waiting).parse(group)

    def end(self) -> None:
        """Let all end."""
        with ExitStack() as ends:
            for process in self._processes:
                ends.callback(process.end)


@asynccontextmanager
async def open_pool(processes: int, *, compiled: bool = False) -> AsyncIterator[ParsePool]:
    """Have ``processes`` parse processes (0: one less than the cores it may use, at least one).

    ``compiled``: with the compiled walker, which must be there.
    """
    count = processes or max(1, usable_cores() - 1)
    pool = ParseProcesses(count, COMPILED if compiled else PYTHON)
    try:
        yield pool
    finally:
        pool.end()


async def _start(walker: str) -> "_ParseProcess":
    with ExitStack() as undo:
        ours, theirs = socket.socketpair()
        undo.callback(ours.close)
        with theirs:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
            process = _spawn(theirs.fileno(), walker)
        undo.callback(process.wait)
        undo.callback(process.kill)
        reader, writer = await asyncio.open_connection(sock=ours)
        undo.pop_all()
    return _ParseProcess(process, reader, writer)


def _spawn(descriptor: int, walker: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        python_command(MODULE, str(descriptor), walker),
        stdin=subprocess.DEVNULL,
        pass_fds=[descriptor],
        env=python_environment(),
        start_new_session=True,  # Ctrl-C is for us alone
    )


class _ParseProcess:
    """One process; it answers in the order it is asked."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._asked: deque[asyncio.Future[Parsed]] = deque()
        self._receiving = asyncio.create_task(self._receive())

    @property
    def waiting(self) -> int:
        """How many groups it has not answered yet."""
        return len(self._asked)

    async def parse(self, group: Group) -> Parsed:
        if self._receiving.done():
            raise _died()
        answer: asyncio.Future[Parsed] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        body = pickle.dumps(group, pickle.HIGHEST_PROTOCOL)
        self._writer.writelines((HEAD.pack(len(body)), body))
        return await answer

    def end(self) -> None:
        """Let it end, as nothing more will come; one that does not is killed."""
        self._receiving.cancel()
        # At once: the transport would do it in the loop, which waits here.
        with suppress(OSError):  # it has died
            self._writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._writer.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def _receive(self) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    (length,) = HEAD.unpack(await self._reader.readexactly(HEAD.size))
                    body = await self._reader.readexactly(length)
                    parsed: Parsed = pickle.loads(body)  # noqa: S301 - of our own child
                    answer = self._asked.popleft()
                    if not answer.done():  # whoever asked may have been cancelled
                        answer.set_result(parsed)
        finally:  # out of memory, it may be
            for answer in self._asked:
                if not answer.done():
                    answer.set_exception(_died())


def _died() -> WaxlineError:
    return WaxlineError("a parse process died (killed, or out of memory)")
