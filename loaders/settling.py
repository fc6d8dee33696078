"""The end of a run: deletes what the dump no longer has, compares, and declares."""

import contextlib
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from common import faultpoints
from common.entities import Entity
from common.errors import RunSupersededError
from common.messages import Headers, Kind, Range
from common.reports import State
from common.run_rules import block_deletions
from common.store import Store
from common.store.protocol import BLOCK_SIZE
from common.verdicts import exceptions_of
from loaders.comparing import Comparison, HeldBack, Surplus, held_back_of, missing_ranges
from loaders.portions import parts
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.sink import Sink
from loaders.writer import Writer

log = structlog.get_logger()

_DELETED_AT_ONCE = 1_000
_FINAL = (State.COMPLETE, State.BLOCKED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison found: ranges not yet here, ranges that differ."""

    missing: int | None = None
    unequal: Sequence[Range] = ()


@dataclass(slots=True)
class _Known:
    """Of one run the ranges read, and those found equal, each with the ids it may not delete."""

    run: int
    ranges: dict[int, Range] = field(default_factory=dict)
    equal: dict[int, int] = field(default_factory=dict)


class Settler:
    """Settles the runs of one sink.

    A range is read once, and once found equal it is not compared again.
    """

    def __init__(self, sink: Sink, run_rows: RunRows, writer: Writer) -> None:
        self._sink = sink
        self._run_rows = run_rows
        self._writer = writer
        self._known: dict[Entity, _Known] = {}

    async def settle(self, row: RunRow) -> Outcome:
        """Compare the ranges of a row's run, if all are here, and declare what follows from it.

        What is unequal may only be late: it is the caller's to say when it is not
        (`declare_unequal`).
        """
        ranges = await self._ranges(row)
        missing = missing_ranges(ranges)
        if missing != 0:
            return Outcome(missing=missing)
        try:
            return Outcome(missing=0, unequal=await self._compare(row, ranges))
        except RunSupersededError:
            return Outcome()
        finally:
            await self._run_rows.refresh()

    async def declare_unequal(self, row: RunRow, unequal: Sequence[Range], store: Store) -> None:
        """Say that ranges differ for good, and have their records sent again next time."""
        entity = row.entity
        known = await store.known_blocks(entity)
        await store.forget_fingerprints(entity, blocks_of(unequal, known))
        faultpoints.passing("settling.forgotten")
        detail = f"{len(unequal)} ranges differ from the dump"
        with contextlib.suppress(RunSupersededError):
            await self._declare(row, State.UNEQUAL, detail)
        await self._run_rows.refresh()

    async def _ranges(self, row: RunRow) -> list[Range]:
        """Return the ranges that are here, having read those that have come since."""
        known = self._known_of(row).ranges
        new = await self._writer.retrying(
            lambda: self._sink.bookkeeping.ranges(row.entity, row.run, list(known))
        )
        known |= {range_.index: range_ for range_ in new}
        return [known[index] for index in sorted(known)]

    async def _compare(self, row: RunRow, ranges: Sequence[Range]) -> Sequence[Range]:
        await self._writer.retrying(lambda: self._sink.content.prepare(row.entity))
        faultpoints.passing("settling.prepared")
        equal = self._known_of(row).equal
        comparison = Comparison(self._sink.content, self._writer, row.entity)
        unequal = [range_ for range_ in ranges if range_.index not in equal]
        unequal = await self._unequal(row, comparison, unequal)
        surplus = await comparison.surplus(unequal)
        if reason := await self._blocked(row, ranges, surplus):
            await self._declare(row, State.BLOCKED, reason)
            return []
        await self._delete(row, surplus)
        unequal = await self._unequal(row, comparison, unequal, held_back_of(surplus))
        if not unequal:
            await self._complete(row, ranges)
        return unequal

    def _known_of(self, row: RunRow) -> _Known:
        known = self._known.get(row.entity)
        if known is None or known.run != row.run:
            known = self._known[row.entity] = _Known(row.run)
        return known

    async def _unequal(
        self,
        row: RunRow,
        comparison: Comparison,
        ranges: Sequence[Range],
        held_back: HeldBack | None = None,
    ) -> list[Range]:
        """Return those that differ, and note the others."""
        unequal = await comparison.unequal(ranges, held_back)
        kept, differ = held_back or {}, {range_.index for range_ in unequal}
        self._known_of(row).equal |= {
            range_.index: len(kept.get(range_.index, ()))
            for range_ in ranges
            if range_.index not in differ
        }
        return unequal

    async def _blocked(
        self, row: RunRow, ranges: Sequence[Range], surplus: dict[int, Surplus]
    ) -> str:
        count = sum(len(part.ids) for part in surplus.values() if not part.held_back)
        if not count:
            return ""
        rows = await self._writer.retrying(lambda: self._sink.content.rows(row.entity))
        return block_deletions(count, rows, row.rows_at_complete, ranges[0].allow_deletions)

    async def _delete(self, row: RunRow, surplus: dict[int, Surplus]) -> None:
        ids = [i for part in surplus.values() if not part.held_back for i in part.ids]
        deleted = 0
        for some in parts(ids, _DELETED_AT_ONCE):
            deleted += await self._delete_some(row, some)
        if ids:
            log.info("records_deleted", sink=self._sink.name, entity=row.entity, count=deleted)

    async def _delete_some(self, row: RunRow, ids: Sequence[int]) -> int:
        deleted = await self._writer.retrying(lambda: self._sink.content.delete(_headers(row), ids))
        faultpoints.passing("settling.deleted")
        return deleted

    async def _complete(self, row: RunRow, ranges: Sequence[Range]) -> None:
        await self._writer.retrying(lambda: self._sink.content.sweep(row.entity))
        faultpoints.passing("settling.swept")
        rejected = await self._writer.retrying(
            lambda: self._sink.bookkeeping.rejections(row.entity)
        )
        kept = sum(rejection.kept for rejection in rejected)
        held_back = sum(self._known_of(row).equal.values())
        exceptions = exceptions_of(ranges, len(rejected) - kept, held_back + kept)
        await self._declare(row, State.COMPLETE, str(exceptions), exceptions.count)

    async def _declare(self, row: RunRow, state: State, detail: str, exceptions: int = 0) -> None:
        await self._writer.retrying(
            lambda: self._sink.bookkeeping.declare(_headers(row), state, detail, exceptions)
        )
        faultpoints.passing("settling.declared")
        self._known.pop(row.entity, None)
        log.info(
            "run_declared",
            sink=self._sink.name,
            entity=row.entity,
            run=row.run,
            state=state,
            detail=detail,
            at=round(time.time(), 3),
        )


def is_final(row: RunRow) -> bool:
    """Tell whether nothing more is to be decided about the row's run."""
    return row.state in _FINAL


def _headers(row: RunRow) -> Headers:
    return Headers(Kind.RANGE, row.entity, row.run, row.dump, 0)


def blocks_of(ranges: Iterable[Range], known: Sequence[int]) -> list[int]:
    """Return, of the ascending numbers of blocks, those within ranges."""
    return [
        number
        for range_ in ranges
        for number in known[
            bisect_left(known, range_.first // BLOCK_SIZE) : bisect_left(
                known, range_.last // BLOCK_SIZE
            )
        ]
    ]
