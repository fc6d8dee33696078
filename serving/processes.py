"""Several processes that answer on one socket; one that ends by itself is started again."""

import asyncio
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from common.command_lines import python_command, python_environment
from common.errors import WaxlineError
from config.settings import Settings
from config.sources import variable

log = structlog.get_logger()

READY = "ready"
"""What a child prints once it answers."""

_AGAIN_SECONDS = 1.0


class ChildEndedError(WaxlineError):
    """A child has ended before it answered, and said why; the exit code is its own."""

    def __init__(self, code: int) -> None:
        super().__init__("a process that should answer has ended: see above")
        self.exit_code = code if code > 0 else 1


class Children:
    """Starts children that answer on a socket, with the servers of these settings."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._environment = _environment(settings)
        self._listener = listener.fileno()
        self._patience = settings.shutdown_seconds

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Process]:
        """Have a child that answers; it is stopped at the end of the ``with``.

        Raises `ChildEndedError` for one that ends before it answers.
        """
        process = await asyncio.create_subprocess_exec(
            *python_command("serving", "--lifeline", f"--socket={self._listener}"),
            stdin=PIPE,
            stdout=PIPE,
            env=python_environment(self._environment),
            pass_fds=(self._listener,),
            start_new_session=True,
        )
        try:
            await self._until_ready(process)
            yield process
        finally:
            await self._stop(process)

    async def _until_ready(self, process: Process) -> None:
        assert process.stdout  # noqa: S101 - it is a pipe
        if not await process.stdout.readline():
            raise ChildEndedError(await process.wait())

    async def _stop(self, process: Process) -> None:
        if process.stdin:
            process.stdin.close()  # the lifeline
        try:
            async with asyncio.timeout(self._patience):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def keep_answering(children: Children, processes: int, ready: Callable[[], None]) -> None:
    """Have so many children until cancelled; ``ready`` is called once all of them answer.

    Raises `ChildEndedError` when one does not get as far as that the first time.
    """
    first = asyncio.Barrier(processes + 1)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(processes):
            tasks.create_task(_keep_one(children, first))
        await first.wait()
        ready()


async def _keep_one(children: Children, first: asyncio.Barrier) -> None:
    async with children.one() as process:
        await first.wait()
        _note_end(await process.wait())
    while True:
        await asyncio.sleep(_AGAIN_SECONDS)
        try:
            async with children.one() as process:
                _note_end(await process.wait())
        except ChildEndedError as error:
            _note_end(error.exit_code)


def _note_end(code: int) -> None:
    log.error("serving_process_ended", exit_code=code, again_in_s=_AGAIN_SECONDS)


def _environment(settings: Settings) -> Mapping[str, str]:
    """Return the URLs as settings of children: those of embedded servers stand nowhere else."""
    urls = {"reading_url": settings.server("reading").url}
    if settings.cache_url:
        urls["cache_url"] = settings.server("cache").url
    return {variable(name): value for name, value in urls.items()}
