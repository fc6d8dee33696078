"""Folders in memory, for servers whose files tests make and delete by the hundred thousand.

Each database of PostgreSQL is 300 files and more.  Where others have just been deleted ext4 takes
ten times as long to make them: it looks for numbers that nobody has had for some seconds.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  # the one place of Linux that is in memory
ROOM = 4 * 2**30
"""Bytes that have to be free."""

_PREFIX = "waxtest-"


@contextmanager
def kept_in_memory(folder: Path, memory: Path = MEMORY, room: int = ROOM) -> Iterator[Path]:
    """Have a folder that is not there yet made in memory; where there is no room, it is none."""
    if not (os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= room):
        yield folder
        return
    new = Path(tempfile.mkdtemp(dir=memory))
    with _locked(new):
        made = new.rename(memory / f"{_PREFIX}{new.name}")
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(made)
        try:
            yield folder
        finally:
            shutil.rmtree(made, ignore_errors=True)


def free_memory(memory: Path = MEMORY) -> None:
    """Delete what processes that were killed have left: nobody holds it locked any more."""
    for folder in memory.glob(f"{_PREFIX}*"):
        with suppress(OSError), _locked(folder):
            shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a folder for as long as this process lives; raise OSError if another has it locked."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)
