"""A server as a detached child process, known by a pid file that outlives its parent."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOG_TAIL_LINES = 15

# A start time is derived from the boot time, which shifts a little when the clock is adjusted;
# a pid does not come round again this fast.
_SAME_START_SECONDS = 2.0

_SHELL = "/bin/sh"

# Python ignores these signals, and a child would inherit that.
_DEFAULT_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)


@dataclass(frozen=True)
class ChildProcess:
    """A process in a session of its own, with its pid file and its log in ``folder``."""

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        """Where its standard output and error go; the one before is kept as ``.log.1``."""
        return self.folder / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], *, workplace: Path
    ) -> None:
        """Start ``command`` in the folder ``workplace``; it goes on when this process ends.

        Raises `OSError` when no process can be started; that a program is missing, or why it
        ended, stands in the log.
        """
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        # Not subprocess: its Popen objects warn when they are let go before their child ends.
        pid = os.posix_spawn(
            _SHELL,
            [_SHELL, "-c", 'cd "$0" && exec "$@"', str(workplace), *command],
            environment,
            file_actions=self._streams(),
            setsid=True,
            setsigdef=_DEFAULT_SIGNALS,
        )
        self._remember(pid)

    def alive(self) -> psutil.Process | None:
        """Return the process; None when it ended, or when its pid is another process's now."""
        try:
            known = json.loads(self._pid_file.read_text(encoding="utf-8"))
            process = psutil.Process(known["pid"])
            same = abs(process.create_time() - known["started"]) < _SAME_START_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
            return None

    def stop(self, how: signal.Signals, deadline: float) -> None:
        """Send ``how``; whatever lives after ``deadline`` seconds, children too, is killed."""
        process = self.alive()
        if process is not None:
            family = _family(process)
            process.send_signal(how)
            _, left = psutil.wait_procs([process], timeout=deadline)
            _kill([*left, *(child for child in family if child.is_running())])
        self._pid_file.unlink(missing_ok=True)

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        if not self.log.exists():
            return "(no log)"
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:]) or "(empty log)"

    def _streams(self) -> list[tuple[int, int, str, int, int] | tuple[int, int, int]]:
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self.log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]

    def _remember(self, pid: int) -> None:
        try:
            started = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        known = json.dumps({"pid": pid, "started": started})
        self._pid_file.write_text(known, encoding="utf-8")


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
