"""Reads a dump again to check what was loaded: no store, no broker, and nothing is sent."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from common.dumps import Dump
from common.errors import DumpError
from common.messages import decode_records
from common.records import Record
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.splitter import Splitter
from extractor.framing.stems import fingerprint_of
from extractor.parsing.groups import Group
from extractor.parsing.pool import ParsePool
from extractor.selecting.identifier import Identifier
from extractor.selecting.presence import Presence
from extractor.source import Source, read_ahead
from extractor.walkers import BadRecordError

T = TypeVar("T")


class DryRun:
    """Yields what a run takes for good records, each id once: the first one counts.

    ``read`` counts all records, ``left_out`` those that a run would quarantine or that have
    come before; ``presence`` knows the ids of both.  ``share`` of the file has been read.
    ``set_aside`` has ids that a run has quarantined for what is not seen in the dump: a broker took
    no message of their size.
    """

    def __init__(self, dump: Dump, record_limit: int, *, compiled: bool = False) -> None:
        self.dump = dump
        self.presence = Presence()
        self.read = 0
        self.left_out = 0
        self.share = 0.0
        self.set_aside: set[int] = set()
        self._splitter = Splitter(dump.entity, record_limit, compiled=compiled)
        self._identifier = Identifier(dump.entity)

    async def blocks(self) -> AsyncGenerator[list[RawRecord], None]:
        """Yield the records block by block; raise `DumpError` when it is no whole dump."""
        with Source(self.dump.path) as source:
            async with aclosing(read_ahead(source)) as blocks:
                async for block in blocks:
                    yield self._select(block)
                    self.share = source.position / max(source.size, 1)
            self._checked(self._splitter.finish)
            source.check(self.dump.sha256)
        if not self.read:
            raise DumpError(f"{self.dump.path}: it holds no {self.dump.entity.plural}")

    async def parse(self, raw: Sequence[RawRecord], pool: ParsePool) -> list[Record]:
        """Return the records as they travel in batches; those that do not parse are left out."""
        records = RawRecords.of(self.dump.entity, raw)
        parsed = await pool.parse(Group(self.dump.entity, records))
        for position, _ in parsed.bad:
            self._set_aside(raw[position].id, raw[position].fingerprint)
        found = []
        for record in (record for body in parsed.bodies for record in decode_records(body)):
            if record["id"] in self.set_aside:
                self._set_aside(record["id"], record["fingerprint"])
            else:
                found.append(record)
        return found

    def _select(self, block: bytes) -> list[RawRecord]:
        cut = self._checked(lambda: self._splitter.feed(block))
        self.read += len(cut)
        for bad in cut.bad:
            self._leave_out(bad.head)
            self.presence.hold_deletions |= not bad.whole
        found = []
        for offset, stem in cut.records():
            try:
                record_id = self._identifier.identify(stem)
            except BadRecordError:
                self._leave_out(stem)
                continue
            record = RawRecord(record_id, fingerprint_of(stem), offset, stem)
            if self._is_first(record):
                found.append(record)
        return found

    def _is_first(self, record: RawRecord) -> bool:
        first = self.presence.add(record.id, record.fingerprint)
        self.left_out += not first
        return first

    def _set_aside(self, record_id: int, fingerprint: int) -> None:
        self.left_out += 1
        self.presence.quarantine(record_id, fingerprint)

    def _leave_out(self, raw: bytes) -> None:
        self.left_out += 1
        self.presence.note_bad(self._identifier.glance(raw))

    def _checked(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except DumpError as error:
            raise DumpError(f"{self.dump.path}: {error}") from error
