"""A dump read ahead: its blocks in order, its error once, and no thread left when it is closed."""

import asyncio
import gc
import gzip
import os
import threading
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from common.errors import DumpError
from extractor.ahead import read_ahead
from extractor.source import BLOCK_BYTES, Source

DEADLINE = 20.0
TEXT = os.urandom(1000) * (3 * BLOCK_BYTES // 1000 + 1)


class SlowSource(Source):
    """One that takes its time for each block, and says whether it is at it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.begun = threading.Event()
        self.reading = False
        self.blocks = 0

    def read_block(self) -> bytes:
        """Read a block, slowly."""
        self.reading = True
        self.begun.set()
        time.sleep(0.05)
        self.blocks += 1
        self.reading = False
        return super().read_block()


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


async def test_closed_early_it_leaves_no_thread_at_the_file(dump: Path) -> None:
    with SlowSource(dump) as source:
        async with aclosing(read_ahead(source)) as blocks:
            async for _ in blocks:
                break
        assert not source.reading
        read = source.blocks
    await asyncio.sleep(0.2)
    assert source.blocks == read
    assert not any(thread.name.startswith("gunzip") for thread in threading.enumerate())


async def test_cancelled_it_leaves_no_thread_at_the_file(dump: Path) -> None:
    with SlowSource(dump) as source:
        task = asyncio.create_task(collect(source, []))
        assert await asyncio.to_thread(source.begun.wait, DEADLINE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not source.reading
