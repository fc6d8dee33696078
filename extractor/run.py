"""One reading of one dump: a run, from the lease to the last range."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TypeVar

import structlog

from common.dumps import Dump
from common.errors import DumpError, TransientError
from common.messages import Headers, Kind, Message, Range, encode_range
from common.outputs import text_of
from common.reports import Progress, SinkReport
from common.run_rules import next_run
from extractor.framing.splitter import Splitter
from extractor.quarantine import Quarantine
from extractor.selecting.binding import all_refuse, bind, describes
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.selector import Selected, Selector
from extractor.sender import Sender
from extractor.services import Services
from extractor.source import Source, read_ahead

T = TypeVar("T")

log = structlog.get_logger()

LAST_SECONDS = 2.0
"""For what a reading still wants to tell the store when it ends early."""


class Run:
    """Reads a dump and sends what changed, then the ranges; `progress` tells how far it is."""

    def __init__(
        self,
        dump: Dump,
        services: Services,
        reports: Mapping[str, SinkReport],
        clock: Callable[[], int] = time.time_ns,
        random: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._dump = dump
        self._services = services
        self._reports = reports
        reported = (
            row["run"]
            for report in reports.values()
            if (row := report["entities"].get(dump.entity))
        )
        self.run_id = next_run(clock() // 1_000_000, reported, random(32))
        options = services.options
        self._headers = Headers(
            Kind.BATCH, dump.entity, self.run_id, dump.date, 0, options.allow_older
        )
        self._splitter = Splitter(dump.entity, options.record_limit, compiled=options.compiled)
        self._fingerprints = Fingerprints(services.store, dump.entity)
        self._selector = Selector(dump.entity, self._fingerprints)
        self._quarantine = Quarantine(
            options.data_folder, dump.entity, dump.date, self.run_id, dump.path
        )
        self._progress = _nothing_yet(dump, self.run_id)
        self._began = time.monotonic()
        self._sender: Sender | None = None
        self._source: Source | None = None

    async def run(self) -> Progress:
        """Read the dump to its end; raises `DumpError` when it is no whole dump."""
        services = self._services
        try:
            await self._bind()
        except TransientError as error:
            self._fingerprints.go_without(error)  # it cannot be known whose content they are
        with Source(self._dump.path) as self._source:
            await self._send_and_note(self._source)
            allow = services.options.allow_deletions
            await self._send_ranges(self._selector.presence.ranges(allow))
        await self._fingerprints.forget_absent(self._selector.presence.seen)
        self._progress["done"] = True
        return self.progress()

    def progress(self) -> Progress:
        """Return how far the reading is, as of now."""
        progress = self._progress
        # Not the time of day, which may be set meanwhile: readers take one from the other.
        progress["heartbeat"] = progress["started"] + time.monotonic() - self._began
        progress["quarantined"] = self._quarantine.count
        if self._source:
            progress["position"] = self._source.position
            progress["size"] = self._source.size
        if self._sender:
            progress["sent"] = self._sender.sent
        return progress.copy()

    async def _bind(self) -> None:
        """Have the fingerprints describe the sinks in use, unless all of them refuse this run.

        Then they go on to describe what the sinks hold: it is what the next run begins with.
        """
        store, entity, options = self._services.store, self._dump.entity, self._services.options
        sinks, content = options.sinks, options.content
        if all_refuse(self._headers, sinks, self._reports):
            self._fingerprints.keep()
            held = await store.binding(entity)
            if describes(held, sinks, self._reports, entity, content):
                return
        await bind(store, entity, self.run_id, sinks, self._reports, content)

    async def _send_and_note(self, source: Source) -> None:
        try:
            await self._send_records(source)
        except BaseException:  # a stop too
            # What is confirmed by now is worth some seconds, but not a stop that hangs.
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_SECONDS):
                    await self._fingerprints.flush()
            raise
        await self._fingerprints.flush()

    async def _send_records(self, source: Source) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._sender = Sender(
                tasks,
                self._services,
                self._selector,
                self._fingerprints,
                self._quarantine,
                self._headers,
            )
            await self._read_blocks(source, self._sender)
            await self._sender.drain()
        if not self._progress["read"]:
            raise DumpError(f"{self._dump.path}: it holds no {self._dump.entity.plural}")

    async def _read_blocks(self, source: Source, sender: Sender) -> None:
        async with aclosing(read_ahead(source)) as blocks:
            async for block in blocks:
                await sender.put((await self._select(block)).changed)
        self._checked(self._splitter.finish)
        source.check(self._dump.sha256)

    async def _select(self, block: bytes) -> Selected:
        cut = self._checked(lambda: self._splitter.feed(block))
        selected = await self._selector.select(cut)
        for bad in selected.bad:
            self._quarantine.add(bad)
        progress = self._progress
        progress["unchanged"] += selected.unchanged
        progress["read"] += len(cut)
        return selected

    def _checked(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except DumpError as error:
            raise DumpError(f"{self._dump.path}: {error}") from error

    async def _send_ranges(self, ranges: list[Range]) -> None:
        """Send the ranges, the window at a time."""
        slots = asyncio.Semaphore(self._services.options.publish_window)

        async def send(range_: Range) -> None:
            headers = replace(self._headers, kind=Kind.RANGE, count=range_.count)
            async with slots:
                await self._services.broker.publish(Message(headers, encode_range(range_)))

        async with asyncio.TaskGroup() as tasks:
            for range_ in ranges:
                tasks.create_task(send(range_))


def _nothing_yet(dump: Dump, run: int) -> Progress:
    return Progress(
        entity=dump.entity,
        run=run,
        dump=dump.date,
        file=text_of(dump.path),
        started=time.time(),
        heartbeat=0,
        position=0,
        size=0,
        read=0,
        unchanged=0,
        sent=0,
        quarantined=0,
        done=False,
    )
