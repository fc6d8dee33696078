"""A server as a detached child process, known by a pid file that outlives its parent."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import tenacity

from common.errors import ServerError

LOG_TAIL_LINES = 15

_STAT, _BOOT = "/proc/{}/stat", Path("/proc/sys/kernel/random/boot_id")
_TICKS_AT_START = 19
"""Place of the start time, in ticks since the boot, behind the name in a process's stat."""

_CLAIM = 3
"""Descriptor by which a server and its children hold their pid file locked."""
_ENDING_SECONDS = 10.0
_ENDING_POLL_SECONDS = 0.05

# In pid files of earlier versions: a start time that follows the system's clock.
_SAME_START_SECONDS = 2.0

_SHELL = "/bin/sh"

# Python ignores these signals, and a child would inherit that.
_DEFAULT_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)


@dataclass(frozen=True)
class ChildProcess:
    """A process in a session of its own, with its pid file and its log in ``folder``.

    The process and all that it starts hold the pid file locked: whatever that file says, and
    whatever the clock, a second one is not started while a part of the first lives.
    """

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """Where its standard output and error go; the one before is kept as ``.log.1``."""
        return self.folder / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    @property
    def _answer_file(self) -> Path:
        return self.folder / f"{self.name}.answered"

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], *, workplace: Path
    ) -> None:
        """Start ``command`` in the folder ``workplace``; it goes on when this process ends.

        Raises `OSError` when no process can be started; that a program is missing, or why it
        ended, stands in the log.  Raises `ServerError` when one is at work already.
        """
        with self._claimed() as claim:
            if self.log.exists():
                self.log.replace(self.log.with_suffix(".log.1"))
            # Not subprocess: its Popen objects warn when they are let go before their child ends.
            pid = os.posix_spawn(
                _SHELL,
                [_SHELL, "-c", 'cd "$0" && exec "$@"', str(workplace), *command],
                environment,
                file_actions=[*self._streams(), (os.POSIX_SPAWN_DUP2, claim, _CLAIM)],
                setsid=True,
                setsigdef=_DEFAULT_SIGNALS,
            )
            self._remember(pid)

    def alive(self) -> psutil.Process | None:
        """Return the process; None when it ended, or when its pid is another process's now."""
        try:
            known = json.loads(self._pid_file.read_text(encoding="utf-8"))
            process = psutil.Process(known["pid"])
            same = self._is_same(process, known)
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None

    def note_answer(self) -> None:
        """Note that this very process has answered: it need not be asked again to be used."""
        if process := self.alive():
            self._answer_file.write_text(_mark(process), encoding="utf-8")

    def has_answered(self) -> bool:
        """Tell whether it was noted that this very process has answered."""
        process = self.alive()
        if process is None or not self._answer_file.exists():
            return False
        return self._answer_file.read_text(encoding="utf-8") == _mark(process)

    def stop(self, how: signal.Signals, deadline: float) -> None:
        """Send ``how``; whatever lives after ``deadline`` seconds, children too, is killed.

        Raises `ServerError` when something is at work that the pid file does not tell.
        """
        process = self.alive()
        if process is not None:
            family = _family(process)
            process.send_signal(how)
            _, left = psutil.wait_procs([process], timeout=deadline)
            _kill([*left, *(child for child in family if child.is_running())])
        if self._pid_file.exists():
            with self._claimed():
                self._pid_file.unlink()

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        if not self.log.exists():
            return "(no log)"
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:]) or "(empty log)"

    @contextmanager
    def _claimed(self) -> Iterator[int]:
        """Hold the pid file locked, by a descriptor; what has just been killed may still end."""
        opened = os.open(self._pid_file, os.O_RDWR | os.O_CREAT, 0o600)
        # A high one, so that a child gets another: given the same, it would be closed there.
        descriptor = fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, 2 * _CLAIM + 1)
        os.close(opened)
        try:
            _lock(descriptor)
            yield descriptor
        except BlockingIOError as error:
            raise ServerError(
                f"{self.name}: a server that {self._pid_file} does not tell of is at work in "
                f"{self.folder}: end it before another is started"
            ) from error
        finally:
            os.close(descriptor)

    def _streams(self) -> list[tuple[int, int, str, int, int] | tuple[int, int, int]]:
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self.log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]

    def _remember(self, pid: int) -> None:
        try:
            mark = _mark(psutil.Process(pid))
        except (OSError, psutil.NoSuchProcess):
            return
        # Not replaced: the lock is on this very file.
        self._pid_file.write_text(json.dumps({"pid": pid, "mark": mark}), encoding="utf-8")

    def _is_same(self, process: psutil.Process, known: Mapping[str, Any]) -> bool:
        if "mark" in known:
            return str(known["mark"]) == _mark(process)
        if abs(process.create_time() - known["started"]) < _SAME_START_SECONDS:
            return True
        # Of an earlier version, and the clock was set since: it works where ours do.
        return Path(process.cwd()).is_relative_to((self.folder / self.name).resolve())


def _mark(process: psutil.Process) -> str:
    """Return what no other process with this pid has, and what no setting of the clock changes."""
    if not _BOOT.exists():
        return str(process.create_time())  # as the kernel noted it; on Linux it is reckoned
    fields = Path(_STAT.format(process.pid)).read_text(encoding="utf-8", errors="replace")
    ticks = fields.rpartition(")")[2].split()[_TICKS_AT_START]
    return f"{ticks} ticks after boot {_BOOT.read_text(encoding='ascii').strip()}"


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(BlockingIOError),
    wait=tenacity.wait_fixed(_ENDING_POLL_SECONDS),
    stop=tenacity.stop_after_delay(_ENDING_SECONDS),
    reraise=True,
)
def _lock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=10)
