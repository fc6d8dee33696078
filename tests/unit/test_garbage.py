"""A loader that has nothing to do leaves nothing behind, however long that is."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from common.broker import Broker
from common.entities import LOAD_ORDER
from common.reports import SinkReport
from loaders.batcher import Batcher, BatchPolicy
from loaders.heartbeat import Heartbeat
from loaders.loop import Loop
from loaders.run_rows import RunRows
from loaders.settling import Settler
from loaders.trials import Trials
from loaders.workers import keep_collecting, take_over_garbage, work
from loaders.writer import Writer
from tests.fakes.broker import MemoryBroker, MemoryServer
from tests.fakes.database import MemoryDatabase
from tests.fakes.sink import MemorySink
from tests.fakes.store import MemoryStore

BEAT_SECONDS = 0.001
WARM, MANY = 50, 400  # beats
OF_A_FEW_BEATS = 2_500  # objects; the beats between leave ten times as many


class CountingStore(MemoryStore):
    """Counts the objects that Python's collector knows of, at two of the beats."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: list[int] = []
        self.enough = asyncio.Event()
        self._beats = 0

    async def put_report(self, report: SinkReport) -> None:
        """Note a beat."""
        await super().put_report(report)
        self._beats += 1
        if self._beats in (WARM, MANY):
            self.objects.append(len(gc.get_objects()))
        if self._beats == MANY:
            self.enough.set()


@pytest.fixture
def taken_over() -> Iterator[None]:
    """Have the collector as a loader has it."""
    take_over_garbage()
    yield
    gc.unfreeze()
    gc.enable()


async def idle(store: CountingStore, collect_seconds: float) -> int:
    """Run a loader on fakes, its beats very short, and return by how many objects it grows."""
    sink, broker = MemorySink(MemoryDatabase()), MemoryBroker(MemoryServer())
    writer = Writer(sink, retry_seconds=5)
    run_rows = RunRows(sink.bookkeeping, writer)
    queues = {entity: await broker.subscribe(sink.name, entity, 4) for entity in LOAD_ORDER}
    batcher = Batcher(queues, BatchPolicy(10, 1))
    connected: Broker = broker
    heartbeat = Heartbeat(
        sink,
        "identity",
        connected,
        store,
        batcher,
        run_rows,
        Settler(sink, run_rows, writer),
        summary_seconds=5,
        beat_seconds=BEAT_SECONDS,
    )
    loop = Loop(sink, batcher, run_rows, writer, Trials(sink.name, store, limit=5))
    beside = (heartbeat.keep_beating(), keep_collecting(collect_seconds))
    working = asyncio.create_task(work(loop, beside, batcher, sink.sessions, patience=1))
    try:
        async with asyncio.timeout(60):
            await store.enough.wait()
    finally:
        working.cancel()
        await asyncio.wait([working])
        await batcher.close()
    before, after = store.objects
    return after - before


@pytest.mark.usefixtures("taken_over")
async def test_beats_without_work_leave_no_garbage() -> None:
    assert await idle(CountingStore(), collect_seconds=0.01) < OF_A_FEW_BEATS


@pytest.mark.usefixtures("taken_over")
async def test_without_collections_they_would() -> None:
    """What the test above would see: else it could not fail."""
    assert await idle(CountingStore(), collect_seconds=3600) > 2 * OF_A_FEW_BEATS
