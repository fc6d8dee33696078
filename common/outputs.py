"""Standard output and error that stop nothing when they cannot be written."""

import io
import os
import sys
import textwrap
from contextlib import suppress


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


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    raw = open(descriptor, "wb", buffering=0, closefd=False)  # noqa: SIM115 - for the process
    return io.TextIOWrapper(raw, errors="backslashreplace", write_through=True)
