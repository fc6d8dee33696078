"""Reads a dump ahead of whoever works on it, so that gunzip has a core of its own."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor

from extractor.source import Source

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
