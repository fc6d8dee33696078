"""A dump read ahead: its blocks in order, its error once, and no thread left when it is closed."""

import asyncio
import gc
import gzip
import os
import threading
from contextlib import aclosing
from pathlib import Path

import pytest

from common.errors import DumpError
from extractor.source import BLOCK_BYTES, Source, read_ahead

DEADLINE = 20.0
TEXT = os.urandom(1000) * (3 * BLOCK_BYTES // 1000 + 1)


class HeldSource(Source):
    """One that reads no further until it is let go, and says whether it is at it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.begun = threading.Event()
        self.may_go_on = threading.Event()
        self.reading = False

    def read_block(self) -> bytes:
        """Read a block when it may."""
        self.reading = True
        self.begun.set()
        assert self.may_go_on.wait(DEADLINE)
        block = super().read_block()
        self.reading = False
        return block


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.xml"
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def cut_short(tmp_path: Path) -> Path:
    path = tmp_path / "dump.xml.gz"
    path.write_bytes(gzip.compress(TEXT, 1)[:-4])
    return path


async def collect(source: Source, found: list[bytes]) -> None:
    async with aclosing(read_ahead(source)) as blocks:
        async for block in blocks:
            found.append(block)  # noqa: PERF401 - what there was before an error, too


async def test_the_blocks_come_in_order(dump: Path) -> None:
    found: list[bytes] = []
    with Source(dump) as source:
        await collect(source, found)
    assert len(found) == 4
    assert b"".join(found) == TEXT


async def test_an_error_comes_after_the_blocks_before_it_and_once(
    cut_short: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found: list[bytes] = []
    with Source(cut_short) as source, pytest.raises(DumpError, match="cut short"):
        await collect(source, found)
    assert found
    assert b"".join(found) == TEXT[: len(found) * BLOCK_BYTES]
    gc.collect()  # then the loop tells of an error that nobody took
    assert "never retrieved" not in caplog.text


async def test_closed_early_it_leaves_no_thread(dump: Path) -> None:
    with Source(dump) as source:
        async with aclosing(read_ahead(source)) as blocks:
            async for _ in blocks:
                break
    for thread in threading.enumerate():
        if thread.name.startswith("gunzip"):
            thread.join(DEADLINE)
            assert not thread.is_alive()


async def test_cancelled_it_waits_for_the_thread_that_reads(dump: Path) -> None:
    with HeldSource(dump) as source:
        task = asyncio.create_task(collect(source, []))
        assert await asyncio.to_thread(source.begun.wait, DEADLINE)
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
        assert not task.done()
        source.may_go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not source.reading
