"""The parse processes."""

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing.connection import wait

from common.allocator import keep_freed_memory
from common.errors import WaxlineError
from extractor.parsing import Group, Parsed, parse
from extractor.walkers.choice import GroupWalker


class ParsePool:
    """Parses groups in processes of their own; ``walk_regular`` is for `parse`."""

    def __init__(self, executor: Executor, walk_regular: GroupWalker | None = None) -> None:
        self._executor = executor
        self._walk_regular = walk_regular

    @property
    def walker(self) -> str:
        """Which walker serves: ``compiled`` or ``python``."""
        return "compiled" if self._walk_regular else "python"

    async def parse(self, group: Group) -> Parsed:
        """Parse one group; raises `WaxlineError` when a process has died."""
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._executor, parse, group, self._walk_regular
            )
        except BrokenProcessPool as error:
            raise WaxlineError("a parse process died (killed, or out of memory)") from error


@asynccontextmanager
async def open_pool(
    processes: int, walk_regular: GroupWalker | None = None
) -> AsyncIterator[ParsePool]:
    """Run ``processes`` parse processes (0: one less than the cores, at least one)."""
    executor = ProcessPoolExecutor(
        processes or max(1, (os.cpu_count() or 1) - 1),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare_process,
    )
    try:
        yield ParsePool(executor, walk_regular)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _prepare_process() -> None:
    """Leave Ctrl-C to the parent, and end when it does, however it ended.

    Records and elements hold no cycles, so the collector would only walk them in vain.
    """
    gc.disable()
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
