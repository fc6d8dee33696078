"""Standard output and error: they stop nothing when they cannot be written; text that fits them."""

import errno
import io
import os
import sys
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any


def secure_outputs() -> None:
    """Make what is written to standard error leave at once, or be lost.

    Python keeps in a buffer what a full disk or a closed pipe does not take, tries again at the
    end of the process, and ends it with 120 whatever it has done.  Descriptors that are closed
    are opened on nothing: else the next file or socket would be taken for standard error.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdout = sys.stdout or _unbuffered(1)
    if sys.stderr is sys.__stderr__:  # and nobody has put something else in its place
        sys.stderr = _unbuffered(2)


def outlive_terminal() -> None:
    """Let what is written to a terminal that is gone be lost: SIGHUP has told of its end.

    How that is met would else be lost to an error of what is printed meanwhile.
    """
    encoding = getattr(sys.stdout, "encoding", None)
    if encoding and sys.stdout is sys.__stdout__ and os.isatty(1):
        raw = io.BufferedWriter(_Terminal(1, "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(raw, encoding, line_buffering=True)


def counted(count: int, one: str, more: str = "") -> str:
    """Return a number with its word: ``1 record``, ``2,000 records``."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def text_of(path: Path) -> str:
    r"""Return a path as UTF-8 can hold it: a byte that is none stands there as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def in_width(text: str, width: int | None) -> str:
    """Return text whose lines are broken between words to fit ``width`` (None: of no matter)."""
    if width is None:
        return text
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        if len(line) > width
        else line
        for line in text.split("\n")
    )


def width_of_errors() -> int | None:
    """Return how many columns standard error has, None where it is no terminal."""
    try:
        return os.get_terminal_size(2).columns or None
    except OSError:
        return None


def drop_unwritten() -> None:
    """Let what standard output does not take be lost; to be called at the end."""
    try:
        sys.stdout.flush()
    except OSError:
        # With a descriptor that takes all, the interpreter's own last flush is none to fail.
        with suppress(OSError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, sys.stdout.fileno())
            os.close(nothing)


class _Terminal(io.FileIO):
    """A terminal that may be closed."""

    def write(self, data: Any) -> int:
        """Write, or lose what is written."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return len(data)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    raw = open(descriptor, "wb", buffering=0, closefd=False)  # noqa: SIM115 - for the process
    return io.TextIOWrapper(raw, errors="backslashreplace", write_through=True)
