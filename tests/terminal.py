"""A terminal for a program: what it writes there, as it comes."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROWS = 40


def on_terminal(
    command: Sequence[str], folder: Path, columns: int, environment: Mapping[str, str]
) -> str:
    """Run a command on a terminal of so many columns until it ends; return all it wrote there.

    Raises `CalledProcessError` when it fails.
    """
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
        program = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
    finally:
        os.close(theirs)
    said = _all(ours)
    if code := program.wait():
        raise subprocess.CalledProcessError(code, command, said)
    return said


def _all(descriptor: int) -> str:
    parts = []
    try:
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
    except OSError:  # nobody has the other end any more
        pass
    finally:
        os.close(descriptor)
    # A terminal's line ends are of two characters.
    return b"".join(parts).decode(errors="replace").replace("\r\n", "\n")
