"""Reads a dump from its first byte to its last: gunzip in blocks, ahead of whoever needs them."""

import asyncio
import gzip
import hashlib
import io
import os
import stat
import sys
from collections import deque
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from isal import igzip, isal_zlib

from common.errors import DumpError

BLOCK_BYTES = 4_000_000
"""Unpacked bytes per block: each costs some waits for the interpreter's lock."""

_READ_BYTES = 1 << 20
_SWITCH_SECONDS = 0.0002

_DAMAGED: Any = (gzip.BadGzipFile, isal_zlib.error)
_MAGIC = b"\x1f\x8b"
_MOST_UNPACKED_PER_BYTE = 150
_RATIO_FROM = 50_000_000


def share_interpreter() -> None:
    """Let the thread that gunzips have the interpreter's lock soon after it asks.

    It asks some times per block and holds it for microseconds; by default it would wait for
    5 ms each time, longer than gunzip takes.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)


class Source(io.RawIOBase):
    """A dump file, gzipped or plain, told apart by its first bytes.

    ``size`` and ``position`` count bytes of the file itself.  It is the raw stream that gunzip
    reads from, so that position and checksum come from one reading.  Raises `DumpError`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.position = 0
        self._digest = hashlib.sha256()
        self._file = _open_regular(path)
        self._before = os.fstat(self._file.fileno())
        self.size = self._before.st_size
        self._unpacked = 0
        magic = self._file.peek(2)[:2]
        self._stream: io.BufferedIOBase = (
            _gunzip(io.BufferedReader(self, _READ_BYTES))
            if magic == _MAGIC
            else io.BufferedReader(self, _READ_BYTES)
        )

    def readable(self) -> bool:
        """Return True: gunzip asks."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override] # any writable buffer
        """Fill a buffer with bytes of the file, counted and hashed."""
        count = self._file.readinto(buffer)
        self.position += count
        self._digest.update(memoryview(buffer)[:count])
        return count

    def read_block(self) -> bytes:
        """Return the next unpacked bytes, empty at the end; runs in a thread."""
        try:
            block: bytes = self._stream.read(BLOCK_BYTES)
        except EOFError as error:
            raise DumpError(
                f"{self.path}: its gzip stream is cut short at byte {self.position}"
            ) from error
        except _DAMAGED as error:
            raise DumpError(
                f"{self.path}: its gzip stream is damaged near byte {self.position}: {error}"
            ) from error
        except OSError as error:
            raise DumpError(f"{self.path}: cannot be read: {error.strerror}") from error
        self._unpacked += len(block)
        self._refuse_bomb()
        return block

    def check(self, expected_sha256: str | None) -> None:
        """Check, at the end, that the file is the one announced and has not changed."""
        after = os.fstat(self._file.fileno())
        if (after.st_size, after.st_mtime_ns) != (self._before.st_size, self._before.st_mtime_ns):
            raise DumpError(f"{self.path}: it changed while it was read")
        if expected_sha256 and self._digest.hexdigest() != expected_sha256:
            raise DumpError(f"{self.path}: its SHA-256 is not the one in the CHECKSUM file")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_bomb(self) -> None:
        if self._unpacked > max(_RATIO_FROM, _MOST_UNPACKED_PER_BYTE * self.position):
            raise DumpError(
                f"{self.path}: it unpacks to more than {_MOST_UNPACKED_PER_BYTE} times its size: "
                f"its first {self.position} bytes to {self._unpacked}"
            )


def _open_regular(path: Path) -> io.BufferedReader:
    try:
        # Without O_NONBLOCK the opening of a FIFO would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise DumpError(f"{path}: cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DumpError(f"{path}: it is not a regular file")
    return os.fdopen(descriptor, "rb")


def _gunzip(raw: io.BufferedReader) -> io.BufferedIOBase:
    stream: io.BufferedIOBase = igzip.IGzipFile(fileobj=raw)  # type: ignore[no-untyped-call]
    return stream


_AHEAD = 2
"""Blocks: with one, gunzip would wait whenever a block takes longer to sort than to read."""


async def read_ahead(source: Source) -> AsyncGenerator[bytes, None]:
    """Yield a source's blocks, which a thread reads meanwhile; close it, and the thread is done.

    Not by a task: one would start only when its caller waits for something, and with a block in
    which nothing has changed it waits for nothing.  Raises what `Source.read_block` does.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, "gunzip")
    ahead = deque(loop.run_in_executor(thread, source.read_block) for _ in range(_AHEAD))
    try:
        while block := await asyncio.shield(ahead[0]):  # so that the end waits for it
            ahead.popleft()
            ahead.append(loop.run_in_executor(thread, source.read_block))
            yield block
    finally:
        thread.shutdown(wait=False, cancel_futures=True)
        for read in ahead:
            read.add_done_callback(_look_at)
        await asyncio.wait(ahead)


def _look_at(read: asyncio.Future[bytes]) -> None:
    """Take note of an error that nobody waits for: of a damaged file the first is raised."""
    if not read.cancelled():
        read.exception()
