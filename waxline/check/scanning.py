"""Finds the records whose fingerprints in a sink are not those of the dump."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from contextlib import aclosing

from common.entities import Entity
from common.messages import Range
from common.run_rules import FINGERPRINT_SPAN, RANGE_SIZE
from extractor.dry_run import DryRun
from loaders.comparing import Comparison, surplus_of, within
from waxline.check.subjects import Subject


class Scan:
    """The fingerprints of the records of a dump, unsigned: 10 bytes for each, by range."""

    def __init__(self, dry_run: DryRun) -> None:
        self.dump = dry_run.dump
        self.ranges: list[Range] = []
        self._dry_run = dry_run
        self._parts: dict[int, tuple[array[int], array[int]]] = {}
        self._numbers: list[int] = []

    async def read(self) -> None:
        """Read the dump; raise `DumpError` when it is no whole one."""
        async with aclosing(self._dry_run.blocks()) as blocks:
            async for block in blocks:
                for record in block:
                    self._note(record.id, record.fingerprint)
        self._numbers = sorted(self._parts)
        self.ranges = self._dry_run.presence.ranges()

    def fingerprints(self, range_: Range) -> dict[int, int]:
        """Return the fingerprints of a range by id."""
        first, last = range_.first // RANGE_SIZE, range_.last // RANGE_SIZE
        used = self._numbers[bisect_left(self._numbers, first) : bisect_left(self._numbers, last)]
        return {
            number * RANGE_SIZE + place: mark
            for number in used
            for place, mark in zip(*self._parts[number], strict=True)
        }

    def _note(self, record_id: int, fingerprint: int) -> None:
        number, place = divmod(record_id, RANGE_SIZE)
        part = self._parts.get(number)
        if part is None:
            part = self._parts[number] = array("H"), array("Q")
        part[0].append(place)
        part[1].append(fingerprint)


def differing_ids(
    expected: Mapping[int, int], held: Mapping[int, int], left_out: Collection[int]
) -> set[int]:
    """Return the ids that one side has not, or with another fingerprint, modulo 2**64."""
    found = {i: mark % FINGERPRINT_SPAN for i, mark in held.items()}
    return {i for i in expected.keys() | found.keys() if expected.get(i) != found.get(i)} - set(
        left_out
    )


async def find_by_fingerprint(scan: Scan, subject: Subject) -> set[int]:
    """Return the ids that are not right in a sink, looking only at ranges that differ.

    Raises `NotEqualError` when the sink holds another dump.
    """
    row = await subject.row_of(scan.dump)
    entity, sink = row.entity, subject.sink
    stored = await subject.retrying(lambda: sink.bookkeeping.ranges(entity, row.run))
    quarantined = {i for range_ in stored for i in range_.quarantined}
    rejections = await subject.retrying(lambda: sink.bookkeeping.rejections(entity))
    rejected = {one.id: one.fingerprint for one in rejections if not one.kept}
    kept = {one.id for one in rejections if one.kept}
    found: set[int] = set()
    ordered = sorted(rejected)
    comparison = Comparison(sink.content, subject.writer, entity)
    for range_ in await comparison.unequal_in_the_end(scan.ranges):
        held = await _held(subject, entity, range_)
        held |= {i: rejected[i] for i in within(ordered, range_)}
        found |= differing_ids(scan.fingerprints(range_), held, _kept(range_, held))
    # What a sink holds of an id that its run has quarantined, or could not delete, stays as it is.
    return found - quarantined - kept


async def _held(subject: Subject, entity: Entity, range_: Range) -> dict[int, int]:
    reader = subject.sink.reader
    return await subject.retrying(lambda: reader.fingerprints(entity, range_.first, range_.last))


def _kept(range_: Range, held: Iterable[int]) -> list[int]:
    """Return the ids that no run may delete, or whose record is not to be had."""
    surplus = surplus_of(range_, held)
    return [*range_.quarantined, *(surplus.ids if surplus.held_back else ())]
