"""Compares what the sinks hold with a dump, record by record."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing

import structlog

from common.dumps import Dump
from config.settings import Settings
from extractor.dry_run import DryRun
from extractor.framing.raw_records import RawRecord
from extractor.parsing.pool import ParsePool
from loaders.portions import portions
from waxline.check.findings import Coverage, Findings
from waxline.check.sampling import Sample
from waxline.check.sink_check import SinkCheck
from waxline.check.subjects import Subject

log = structlog.get_logger()

_AT_ONCE = 1_000


class Verifier:
    """Compares one dump with all sinks; what it finds goes to ``findings``.

    `verify` and `verify_sample` raise `NotEqualError` when a sink holds another dump,
    `DumpError` when this is no whole one, `RunSupersededError` when another run has begun
    meanwhile.
    """

    def __init__(
        self,
        dump: Dump,
        subjects: Sequence[Subject],
        settings: Settings,
        pool: ParsePool,
        findings: Findings,
    ) -> None:
        self._dump = dump
        self._subjects = subjects
        self._pool = pool
        self._findings = findings
        self._rereading = DryRun(dump, settings.record_limit, compiled=settings.compiled)
        self._checks: list[SinkCheck] = []
        self._summary_seconds = settings.summary_seconds
        self._told = time.monotonic()

    async def verify(self) -> None:
        """Compare all records, and what the sinks hold besides."""
        await self._begin()
        async with aclosing(self._rereading.blocks()) as blocks:
            async for block in blocks:
                await self._compare(block)
                self._tell()
        ranges = self._rereading.presence.ranges()
        for some in portions(ranges, lambda one: one.count):
            async with asyncio.TaskGroup() as tasks:
                for check in self._checks:
                    tasks.create_task(check.find_extra(some))
        await self._end()

    async def verify_sample(self, sample: Sample) -> None:
        """Compare the records that the sample draws."""
        await self._begin()
        async with aclosing(self._rereading.blocks()) as blocks:
            async for block in blocks:
                for record in block:
                    sample.offer(record)
                self._tell()
        drawn = sample.drawn()
        await self._compare(drawn)
        await self._end(len(drawn))

    async def _begin(self) -> None:
        for subject in self._subjects:
            check = await SinkCheck.begun(subject, self._dump, self._findings)
            self._rereading.set_aside |= check.quarantined
            self._checks.append(check)

    async def _compare(self, raw: Sequence[RawRecord]) -> None:
        for start in range(0, len(raw), _AT_ONCE):
            records = await self._rereading.parse(raw[start : start + _AT_ONCE], self._pool)
            async with asyncio.TaskGroup() as tasks:
                for check in self._checks:
                    tasks.create_task(check.compare(records))

    async def _end(self, drawn: int | None = None) -> None:
        for check in self._checks:
            await check.end()
        reread = self._rereading
        ranges = reread.presence.ranges() if drawn is None else ()
        self._findings.coverage[self._dump.entity] = Coverage(
            reread.read, reread.left_out, drawn, ranges
        )

    def _tell(self) -> None:
        """Log how far the reading is, now and then."""
        now = time.monotonic()
        if now - self._told >= self._summary_seconds:
            self._told = now
            reread = self._rereading
            percent = round(100 * reread.share, 1)
            log.info("verifying", entity=self._dump.entity, read=reread.read, percent=percent)
