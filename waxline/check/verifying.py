"""Compares what the sinks hold with a dump, record by record."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import aclosing

import structlog

from common.entities import Entity
from extractor.dry_run import DryRun
from extractor.framing.raw_records import RawRecord
from extractor.parsing.pool import ParsePool
from loaders.portions import portions
from waxline.check.findings import Coverage, Findings, Wrong
from waxline.check.sampling import Sample
from waxline.check.sink_check import SinkCheck
from waxline.check.subjects import Subject

log = structlog.get_logger()

_AT_ONCE = 1_000


async def compare_contents(
    dry_runs: Iterable[DryRun],
    subjects: Sequence[Subject],
    pool: ParsePool,
    findings: Findings,
    summary_seconds: float,
    draw: Callable[[], Sample] | None = None,
) -> Wrong:
    """Compare records as a whole; what differs goes to ``findings``.

    All are compared, or of each dump the sample that is to be drawn.  How far it is stands in
    the log every ``summary_seconds``.
    """
    wrong: dict[Entity, dict[str, Collection[int]]] = {}
    for dry_run in dry_runs:
        entity = dry_run.dump.entity
        verifier = Verifier(dry_run, subjects, pool, findings, summary_seconds)
        if draw is None:
            await verifier.verify()
        else:
            await verifier.verify_sample(draw())
        wrong[entity] = {subject.name: findings.ids(entity, subject.name) for subject in subjects}
    return wrong


class Verifier:
    """Compares one dump with all sinks; what it finds goes to ``findings``.

    `verify` and `verify_sample` raise `NotEqualError` when a sink holds another dump,
    `DumpError` when this is no whole one, `RunSupersededError` when another run has begun
    meanwhile.
    """

    def __init__(
        self,
        dry_run: DryRun,
        subjects: Sequence[Subject],
        pool: ParsePool,
        findings: Findings,
        summary_seconds: float,
    ) -> None:
        self._dry_run = dry_run
        self._subjects = subjects
        self._pool = pool
        self._findings = findings
        self._checks: list[SinkCheck] = []
        self._summary_seconds = summary_seconds
        self._told = time.monotonic()

    async def verify(self) -> None:
        """Compare all records, and what the sinks hold besides."""
        await self._begin()
        async with aclosing(self._dry_run.blocks()) as blocks:
            async for block in blocks:
                await self._compare(block)
                self._tell()
        ranges = self._dry_run.presence.ranges()
        for some in portions(ranges, lambda one: one.count):
            async with asyncio.TaskGroup() as tasks:
                for check in self._checks:
                    tasks.create_task(check.find_extra(some))
        await self._end()

    async def verify_sample(self, sample: Sample) -> None:
        """Compare the records that the sample draws."""
        await self._begin()
        async with aclosing(self._dry_run.blocks()) as blocks:
            async for block in blocks:
                for record in block:
                    sample.offer(record)
                self._tell()
        drawn = sample.drawn()
        await self._compare(drawn)
        await self._end(len(drawn))

    async def _begin(self) -> None:
        for subject in self._subjects:
            check = await SinkCheck.begun(subject, self._dry_run.dump, self._findings)
            self._dry_run.set_aside |= check.quarantined
            self._checks.append(check)

    async def _compare(self, raw: Sequence[RawRecord]) -> None:
        for start in range(0, len(raw), _AT_ONCE):
            records = await self._dry_run.parse(raw[start : start + _AT_ONCE], self._pool)
            async with asyncio.TaskGroup() as tasks:
                for check in self._checks:
                    tasks.create_task(check.compare(records))

    async def _end(self, drawn: int | None = None) -> None:
        for check in self._checks:
            await check.end()
        dry_run = self._dry_run
        ranges = dry_run.presence.ranges() if drawn is None else ()
        self._findings.coverage[dry_run.dump.entity] = Coverage(
            dry_run.read, dry_run.left_out, drawn, ranges
        )

    def _tell(self) -> None:
        """Log how far the reading is, now and then."""
        now = time.monotonic()
        if now - self._told >= self._summary_seconds:
            self._told = now
            dry_run = self._dry_run
            percent = round(100 * dry_run.share, 1)
            entity = dry_run.dump.entity
            log.info("verifying", entity=entity, read=dry_run.read, percent=percent)
