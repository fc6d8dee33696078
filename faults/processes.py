"""Programs forked by a process of their own: see `faults.forker`."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

from tests.acceptance.processes import Finished
from tests.clock import clock_library

STOP_SECONDS = 30.0


class Forked:
    """A program that runs; its output goes to a file."""

    def __init__(self, pid: int, log: Path, ending: "asyncio.Future[int]") -> None:
        self.pid = pid
        self._log = log
        self._ending = ending

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._ending.result() if self._ending.done() else None

    async def ended(self) -> Finished:
        """Wait for its end."""
        return Finished(await asyncio.shield(self._ending), self.said())

    def said(self) -> str:
        """Return what it has said so far."""
        if not self._log.exists():
            return ""  # killed before it had opened it
        return self._log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: int) -> bool:
        """Send a signal; False when it has ended."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
                return True
        return False


class Forker:
    """Asks the forker for programs."""

    def __init__(self, process: asyncio.subprocess.Process, library: Path) -> None:
        self.library = library
        """What lets the programs have a clock of their own (`tests.clock`)."""
        self._process = process
        self._numbers = count(1)
        self._pids: dict[int, asyncio.Future[int]] = {}
        self._codes: dict[int, asyncio.Future[int]] = {}

    async def start(
        self, log: Path, settings: Mapping[str, str], *command: str, terminal: str = ""
    ) -> Forked:
        """Start a program with these settings and no others, in the log's folder.

        A ``terminal`` becomes that of its session, and takes all but its errors.
        """
        number, loop = next(self._numbers), asyncio.get_running_loop()
        self._pids[number], self._codes[number] = loop.create_future(), loop.create_future()
        request = {
            "number": number,
            "command": command,
            "environment": {**os.environ, **settings},
            "folder": str(log.parent),
            "log": str(log),
            "terminal": terminal,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        pid = await asyncio.shield(self._pids[number])
        return Forked(pid, log, self._codes[number])

    async def listen(self) -> None:
        """Take the forker's answers until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            answer = json.loads(line)
            if "pid" in answer:
                self._pids.pop(answer["number"]).set_result(answer["pid"])
            else:
                self._codes.pop(answer["number"]).set_result(answer["code"])


@asynccontextmanager
async def forking(folder: Path) -> AsyncIterator[Forker]:
    """Have a forker for the length of a ``with``; ``folder`` is for what it needs."""
    library = clock_library(folder)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "faults.forker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LD_PRELOAD": str(library)},
    )
    forker = Forker(process, library)
    listening = asyncio.create_task(forker.listen())
    try:
        yield forker
    finally:
        process.kill()
        await process.wait()
        await listening
