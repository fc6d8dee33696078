"""A sink at the end of its queue: takes what was sent, settles the run, and is looked into."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from common.broker import Broker
from common.entities import ID_LIMIT, Entity
from common.messages import Range
from common.records import RecordData
from loaders.batcher import Batch, Batcher, BatchPolicy
from loaders.differences import Parts
from loaders.loop import Loop
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.settling import Settler
from loaders.sink import Digest, ReadableSink
from loaders.trials import Trials
from loaders.writer import Writer
from tests.fakes.store import MemoryStore
from tests.integration.bad_inputs.cases import IDS

DEADLINE = 20.0
_RETRY_SECONDS = 5.0
_PREFETCH = 12
_EVERYTHING = Range(index=0, ranges=1, first=0, last=ID_LIMIT, bitmap=b"", count=0, total=0)


@dataclass(frozen=True, slots=True)
class Held:
    """What a sink holds of an entity."""

    ids: list[int]
    digest: Digest


class Receiver:
    """One sink with the parts of its loader, which are called here instead of left to time."""

    def __init__(self, sink: ReadableSink) -> None:
        self.name = sink.name
        self._sink = sink
        self._writer = Writer(sink, _RETRY_SECONDS)
        self._run_rows = RunRows(sink.bookkeeping, self._writer)
        self._settler = Settler(sink, self._run_rows, self._writer)

    async def take(self, broker: Broker, entity: Entity) -> None:
        """Load all that the queue of an entity holds."""
        subscription = await broker.subscribe(self.name, entity, _PREFETCH)
        batcher = Batcher({entity: subscription}, BatchPolicy(self._sink.batch_size, 0))
        trials = Trials(self.name, MemoryStore(), limit=1)
        loop = Loop(self._sink, batcher, self._run_rows, self._writer, trials)
        try:
            while await broker.depth(self.name, entity):
                delivery = await subscription.receive(DEADLINE)
                assert delivery is not None
                await loop.load(Batch(entity, [delivery]))
        finally:
            await batcher.close()

    async def settled(self, entity: Entity) -> RunRow:
        """Settle the current run, and return its row."""
        await self._run_rows.refresh()
        outcome = await self._settler.settle(self._run_rows.rows[entity])
        assert not outcome.unequal
        return self._run_rows.rows[entity]

    async def refusals(self) -> Mapping[int, str]:
        """Return the runs refused, and why."""
        return await self._sink.bookkeeping.refusals()

    async def held(self, entity: Entity) -> Held:
        """Return the ids held and their digest."""
        ids = await self._sink.content.held(entity, [(0, ID_LIMIT)])
        return Held(ids, (await self._sink.content.digests(entity, [_EVERYTHING.span], ()))[0])

    async def rejected(self, entity: Entity) -> dict[int, str]:
        """Return the ids rejected, and why."""
        return {one.id: one.reason for one in await self._sink.bookkeeping.rejections(entity)}

    async def differences(self, entity: Entity, expected: Mapping[int, RecordData]) -> Parts:
        """Compare every row, or node and edge, with these records.

        Fingerprints are not compared: to settle a run is to compare them.
        """
        held = await self._sink.reader.fingerprints(entity, 0, ID_LIMIT)
        records: list[Any] = [
            {"id": number, "fingerprint": held.get(number, 0), "data": data}
            for number, data in expected.items()
        ]
        return await self._sink.reader.compare(entity, records)

    async def lost(self, entity: Entity) -> set[int]:
        """Return the ids that a sink has held since before all cases, and no longer holds."""
        return set(IDS) - set(await self._sink.content.held(entity, [(0, ID_LIMIT)]))


@asynccontextmanager
async def receiving(sink: ReadableSink) -> AsyncIterator[Receiver]:
    """Have a sink open."""
    try:
        await sink.open()
        yield Receiver(sink)
    finally:
        await sink.close()
