"""Changed records on their way: grouped, parsed, published, and noted once confirmed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import orjson
import structlog

from common.broker import TooLargeError
from common.messages import Headers, Message, decode_records
from extractor.framing.raw_records import RawRecords
from extractor.parsing.groups import Group, Parsed
from extractor.quarantine import Quarantine
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.selector import BadRecord, Selector
from extractor.services import Services

log = structlog.get_logger()

MOST_ODD = 1_000
"""Paths that are warned of; a dump in which every name is a new one would fill the log."""


class Sender:
    """Sends a run's records; at most ``publish_window`` groups are parsed or unconfirmed at a time.

    ``tasks`` runs the groups and ends with the first error of any.
    """

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        services: Services,
        selector: Selector,
        fingerprints: Fingerprints,
        quarantine: Quarantine,
        headers: Headers,
    ) -> None:
        self.sent = 0
        self._tasks = tasks
        self._pool = services.pool
        self._broker = services.broker
        self._selector = selector
        self._fingerprints = fingerprints
        self._quarantine = quarantine
        self._headers = headers
        self._group_bytes = services.options.group_bytes
        self._window = services.options.publish_window
        self._slots = asyncio.Semaphore(self._window)
        self._waiting: list[RawRecords] = []
        self._odd: set[str] = set()

    async def put(self, parts: Sequence[RawRecords]) -> None:
        """Take records; waits while the window is full."""
        self._waiting += parts
        if sum(len(part.text) for part in self._waiting) < self._group_bytes:
            return
        waiting, self._waiting = RawRecords.joined(self._waiting), []
        for group in waiting.split(self._group_bytes):
            if len(group.text) < self._group_bytes:
                self._waiting = [group]
            else:
                await self._start(group)

    async def drain(self) -> None:
        """Send what is left and wait until everything is confirmed."""
        if self._waiting:
            await self._start(RawRecords.joined(self._waiting))
        for _ in range(self._window):
            await self._slots.acquire()

    async def _start(self, records: RawRecords) -> None:
        await self._slots.acquire()
        self._tasks.create_task(self._send(records))

    async def _send(self, records: RawRecords) -> None:
        parsed = await self._pool.parse(Group(self._headers.entity, records))
        self._warn_of_odd(parsed)
        for position, reason in parsed.bad:
            self._reject(records, position, reason)
        for body, positions in zip(parsed.bodies, parsed.positions, strict=True):
            await self._publish(records, body, positions)
        await self._fingerprints.flush_some()
        self._slots.release()

    async def _publish(self, records: RawRecords, body: bytes, positions: Sequence[int]) -> None:
        """Publish a batch; halves of it where the broker takes no message of its size."""
        count = len(positions)
        try:
            await self._broker.publish(Message(replace(self._headers, count=count), body))
        except TooLargeError as error:
            if count == 1:
                self._reject(records, positions[0], str(error))
                return
            whole, middle = decode_records(body), count // 2
            await self._publish(records, orjson.dumps(whole[:middle]), positions[:middle])
            await self._publish(records, orjson.dumps(whole[middle:]), positions[middle:])
            return
        self._fingerprints.confirm(records.ids[position] for position in positions)
        self.sent += count

    def _reject(self, records: RawRecords, position: int, reason: str) -> None:
        record = records[position]
        self._selector.quarantine(record.id, record.fingerprint)
        self._quarantine.add(BadRecord(record.id, record.offset, record.stem, reason))

    def _warn_of_odd(self, parsed: Parsed) -> None:
        for path in parsed.odd.keys() - self._odd:
            if len(self._odd) == MOST_ODD:
                return
            log.warning("unknown_in_dump", entity=self._headers.entity, path=path)
            self._odd.add(path)
