"""The extractor and the loaders as child processes."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from common.command_lines import python_command, python_environment
from common.errors import WaxlineError

_LAST_WORD = "waxline: "
_ROOM_FOR_A_LOG = 64 * 1024  # bytes


class ChildError(WaxlineError):
    """A child gave up and said why; the exit code is the child's."""

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class DiedError(ChildError):
    """A child ended without a word: it was killed, or it met a bug."""


class Child:
    """One process; what it logs is at the end of a file, from ``begin`` (bytes) on.

    ``lifeline`` is the descriptor of our end of its standard input.
    """

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        log: Path,
        begin: int,
        lifeline: int,
    ) -> None:
        self.name = name
        self._process = process
        self._log = log
        self._begin = begin
        self._lifeline = lifeline

    def tell(self) -> None:
        """Give one that was started to wait for it the word to begin."""
        os.write(self._lifeline, b"\n")

    async def succeed(self) -> None:
        """Wait for its end; raise `ChildError` with its last word unless it went well."""
        if code := await self._process.wait():
            raise self._error(code)

    async def fail(self) -> None:
        """Wait for an end that should not come, and raise `ChildError`."""
        raise self._error(await self._process.wait())

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

    def _error(self, code: int) -> ChildError:
        if said := self._last_word():
            return ChildError(f"{self.name}: {said}", max(code, 1))
        if code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
            return DiedError(f"{self.name} {how}{self._why()}", 128 - code)
        return DiedError(f"{self.name} ended without a word{self._why()}", max(code, 1))

    def _last_word(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._begin)
            lines = log.read().decode(errors="replace").splitlines()
        said = [line for line in lines if line.startswith(_LAST_WORD)]
        return said[-1].removeprefix(_LAST_WORD) if said else ""

    def _why(self) -> str:
        folder = self._log.parent
        if shutil.disk_usage(folder).free < _ROOM_FOR_A_LOG:
            return f": the disk that holds {folder} is full"
        return f"; its log is {self._log}"


@asynccontextmanager
async def child(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    patience: float,
) -> AsyncIterator[Child]:
    """Run ``python -m COMMAND`` and stop it at the end of the ``with``.

    In a session of its own, so that Ctrl-C comes to us alone and we stop the children in order;
    with a pipe as a lifeline, so that it ends even when we are killed.
    """
    log = folder / f"{name}.log"
    module, *arguments = command
    theirs, ours = os.pipe()
    try:
        with _open_log(log) as output:
            begin = output.tell()
            process = await asyncio.create_subprocess_exec(
                *python_command(module, "--lifeline", *arguments),
                stdin=theirs,
                stdout=output,
                stderr=output,
                env=python_environment(environment),
                start_new_session=True,
            )
        running = Child(name, process, log, begin, ours)
        try:
            yield running
        finally:
            await running.stop(patience)
    finally:
        os.close(theirs)
        os.close(ours)


def _open_log(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")


def remove_logs(folder: Path, names: Iterable[str]) -> None:
    """Remove what children of these names logged in earlier runs; others' logs may be beside."""
    for name in names:
        (folder / f"{name}.log").unlink(missing_ok=True)
