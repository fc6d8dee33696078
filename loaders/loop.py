"""The one loop of every loader: read, write, settle."""

import gc
from collections.abc import Iterable
from dataclasses import replace

import structlog

from common import faultpoints
from common.errors import RunSupersededError, TerminalError
from common.messages import Headers, Kind, decode_range, decode_records
from common.records import Record
from loaders.batcher import Batch, Batcher
from loaders.lazy_json import Decode
from loaders.run_rows import RunRows
from loaders.sink import Sink, Written
from loaders.trials import Trials
from loaders.writer import Writer

log = structlog.get_logger()

_COLLECT_EVERY = 8  # batches; the drivers leave some MB of cycles in each


class Loop:
    """Loads batches until cancelled; several workers may run the same loop.

    A message is acknowledged only after the sink's commit.  When the sink fails for longer
    than it is retried, the error comes out and the messages in hand stay unacknowledged.

    A message goes to the dead letters here and nowhere else (but for headers that the broker's
    own part cannot read), and only after it was tried by itself.
    """

    def __init__(
        self,
        sink: Sink,
        batcher: Batcher,
        run_rows: RunRows,
        writer: Writer,
        trials: Trials,
        decode: Decode = decode_records,
    ) -> None:
        self._sink = sink
        self._batcher = batcher
        self._run_rows = run_rows
        self._writer = writer
        self._trials = trials
        self._decode = decode
        self._batches = 0
        self.stopping = False

    async def work(self) -> None:
        """Load batch after batch."""
        while not self.stopping:
            batch = await self._batcher.next_batch()
            try:
                if not self.stopping:
                    await self.load(batch)
            finally:
                self._batcher.release(batch)
            self._collect_garbage()

    async def load(self, batch: Batch) -> None:
        """Load one batch and settle it."""
        if not batch.is_trial:
            await self._load(batch)
            return
        async with self._trials.counted(batch.deliveries[0]) as reason:
            if reason:
                await self._batcher.reject(batch, batch.deliveries[0], reason)
            else:
                await self._load(batch)

    async def _load(self, batch: Batch) -> None:
        try:
            await self._apply_while_current(batch)
        except TerminalError as error:
            await self._try_each(batch, str(error))
        else:
            await self._batcher.settle(batch)

    async def _try_each(self, batch: Batch, reason: str) -> None:
        """Find out which of the messages cannot be loaded; one that was alone is."""
        if len(batch.deliveries) == 1:
            await self._batcher.reject(batch, batch.deliveries[0], reason)
            return
        for delivery in batch.deliveries:
            await self._load(replace(batch, deliveries=[delivery]))

    async def _apply_while_current(self, batch: Batch) -> None:
        headers = batch.deliveries[0].message.headers
        while await self._run_rows.admits(headers):
            try:
                faultpoints.passing("loader.admitted")
                await self._apply(headers, batch)
                faultpoints.passing("loader.committed")
                break
            except RunSupersededError:
                await self._run_rows.refresh()
        else:
            self._run_rows.note_dropped(headers, len(batch.deliveries))

    async def _apply(self, headers: Headers, batch: Batch) -> None:
        bodies = [delivery.message.body for delivery in batch.deliveries]
        if headers.kind is Kind.RANGE:
            range_ = decode_range(bodies[0])
            await self._writer.retrying(lambda: self._sink.bookkeeping.store_range(headers, range_))
            return
        records: list[Record] = []
        for body in bodies:
            records.extend(self._decode(body))
        refreshed = self._run_rows.refreshed
        written = await self._writer.write(headers, distinct(records))
        self._note(headers, written, refreshed)

    def _note(self, headers: Headers, written: Written, refreshed: int) -> None:
        self._run_rows.note_written(headers.entity, written, refreshed)
        log.debug(
            "batch_loaded",
            sink=self._sink.name,
            entity=headers.entity,
            loaded=written.loaded,
            unchanged=written.unchanged,
            rejected=written.rejected,
        )

    def _collect_garbage(self) -> None:
        """Collect now and then: left to itself, the collector walks every batch's rows."""
        self._batches += 1
        if self._batches % _COLLECT_EVERY == 0:
            gc.collect()


def distinct(records: Iterable[Record]) -> list[Record]:
    """Return one record per id, in id order: within a run an id has one content."""
    first: dict[int, Record] = {}
    for record in records:
        first.setdefault(record["id"], record)
    return [first[record_id] for record_id in sorted(first)]
