"""The product's processes, run as users run them: by command line and environment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 60.0
STOP_SECONDS = 30.0
_TAIL = 4_000


@dataclass(frozen=True)
class Finished:
    """A process that has ended; ``said`` is its log and what it told the user."""

    code: int
    said: str

    @property
    def sentences(self) -> list[str]:
        """What it told the user at its end, after the log."""
        return [line for line in self.said.splitlines() if line.startswith("waxline: ")]


class Process:
    """A running process of the product; its output goes to a file."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.returncode

    def said(self) -> str:
        """Return the end of its output."""
        return self._log.read_text(encoding="utf-8")[-_TAIL:]

    async def ended(self, deadline: float = COMMAND_SECONDS) -> Finished:
        """Wait for its end; it is killed, and ``TimeoutError`` raised, at the deadline."""
        try:
            async with asyncio.timeout(deadline):
                code = await self._process.wait()
        except TimeoutError as error:
            self._process.kill()
            await self._process.wait()
            raise TimeoutError(f"no end in {deadline:.0f} s:\n{self.said()}") from error
        return Finished(code, self.said())

    async def kill(self) -> None:
        """End it with SIGKILL: nothing of its own runs any more."""
        self._process.kill()
        await self.ended()

    async def stop(self) -> Finished:
        """End it with SIGTERM."""
        if self.code is None:
            self._process.send_signal(signal.SIGTERM)
        return await self.ended(STOP_SECONDS)


async def start(log: Path, settings: Mapping[str, str], *command: str) -> Process:
    """Start ``python -m COMMAND`` with these settings and no others, in the log's folder."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **settings},
            cwd=log.parent,
        )
    return Process(process, log)


@asynccontextmanager
async def running(log: Path, settings: Mapping[str, str], *command: str) -> AsyncIterator[Process]:
    """Have a process for the length of a ``with``."""
    process = await start(log, settings, *command)
    try:
        yield process
    finally:
        await process.stop()
