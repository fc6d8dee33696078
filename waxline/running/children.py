"""The extractor and the loaders as child processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from common.errors import WaxlineError

_LAST_WORD = "waxline: "


class ChildError(WaxlineError):
    """A child ended by itself; the exit code is the child's."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class Child:
    """One process, its log in a file of its own."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log

    async def succeed(self) -> None:
        """Wait for its end; raise `ChildError` with its last word unless it went well."""
        code = await self._process.wait()
        if code:
            raise ChildError(self._last_word(), code if code > 0 else 128 - code)

    async def fail(self) -> None:
        """Wait for an end that should not come, and raise `ChildError`."""
        code = await self._process.wait()
        raise ChildError(self._last_word(), max(code, 1))

    async def stop(self, patience: float) -> None:
        """Ask it to end in order; kill it after ``patience`` seconds."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _last_word(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line for line in lines if line.startswith(_LAST_WORD)]
        if said:
            return f"{self.name}: {said[-1].removeprefix(_LAST_WORD)}"
        return f"{self.name} ended by itself; its log is {self._log}"


@asynccontextmanager
async def child(
    name: str,
    module: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    patience: float,
) -> AsyncIterator[Child]:
    """Run ``python -m MODULE …`` and stop it at the end of the ``with``.

    In a session of its own, so that Ctrl-C comes to us alone and we stop the children in order.
    """
    log = folder / f"{name}.log"
    with _open_log(log) as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *module,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    running = Child(name, process, log)
    try:
        yield running
    finally:
        await running.stop(patience)


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("wb")
