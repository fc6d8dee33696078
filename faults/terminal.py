"""A terminal that can be closed while a program runs in it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65_536


class Terminal:
    """What is printed on it is read and forgotten; ``name`` is its file's path."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._ours, self._read)
        self._open = True
        self.name = os.ttyname(self._theirs)

    def hang_up(self) -> None:
        """Close it: the session that has it gets SIGHUP, and can neither read nor write on it."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._ours)
            os.close(self._ours)

    def forget(self) -> None:
        """Close it on both sides."""
        self.hang_up()
        os.close(self._theirs)

    def _read(self) -> None:
        with suppress(OSError):
            os.read(self._ours, _CHUNK)


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Have a terminal for the length of a ``with``."""
    made = Terminal()
    try:
        yield made
    finally:
        made.forget()
