"""Finds the records whose fingerprints in a sink are not those of the dump."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import aclosing

from common.entities import Entity
from common.messages import Range
from common.store.protocol import BLOCK_SIZE
from common.truth import FINGERPRINT_SPAN
from config.settings import Settings
from extractor.dumps import Dump
from extractor.rereading import Rereading
from loaders.comparing import is_equal_in_the_end
from loaders.decisions import surplus_of
from loaders.settling import blocks_of
from waxline.checking.subjects import Subject

_NONE = bytes(8 * BLOCK_SIZE)


class Scan:
    """The fingerprints of a dump's records, unsigned, 8 bytes for each id of a block in use."""

    def __init__(self, dump: Dump, settings: Settings) -> None:
        self.dump = dump
        self.ranges: list[Range] = []
        self._rereading = Rereading(dump, settings.record_limit, compiled=settings.compiled)
        self._blocks: dict[int, array[int]] = {}
        self._numbers: list[int] = []

    async def read(self) -> None:
        """Read the dump; raise `DumpError` when it is no whole one."""
        async with aclosing(self._rereading.blocks()) as blocks:
            async for block in blocks:
                for record in block:
                    self._note(record.id, record.fingerprint)
        self._numbers = sorted(self._blocks)
        self.ranges = self._rereading.presence.ranges()

    def fingerprints(self, range_: Range) -> dict[int, int]:
        """Return the fingerprints of a range by id."""
        used = blocks_of([range_], self._numbers)
        return {i: mark for number in used for i, mark in self._of_block(number)}

    def _note(self, record_id: int, fingerprint: int) -> None:
        number, place = divmod(record_id, BLOCK_SIZE)
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = array("Q", _NONE)
        block[place] = fingerprint

    def _of_block(self, number: int) -> Iterator[tuple[int, int]]:
        first = number * BLOCK_SIZE
        return ((first + place, mark) for place, mark in enumerate(self._blocks[number]) if mark)


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
    stored = await subject.retrying(lambda: sink.ranges(entity, row.run))
    quarantined = {i for range_ in stored for i in range_.quarantined}
    rejections = await subject.retrying(lambda: sink.rejections(entity))
    rejected = {one.id: one.fingerprint for one in rejections if not one.kept}
    kept = {one.id for one in rejections if one.kept}
    found: set[int] = set()
    for range_ in scan.ranges:
        if not await _is_equal(subject, entity, range_):
            held = await _held(subject, entity, range_)
            held |= {i: mark for i, mark in rejected.items() if range_.first <= i < range_.last}
            found |= differing_ids(scan.fingerprints(range_), held, _kept(range_, held))
    # What a sink holds of an id that its run has quarantined, or could not delete, stays as it is.
    return found - quarantined - kept


async def _is_equal(subject: Subject, entity: Entity, range_: Range) -> bool:
    return await subject.retrying(lambda: is_equal_in_the_end(subject.sink, entity, range_))


async def _held(subject: Subject, entity: Entity, range_: Range) -> dict[int, int]:
    reader = subject.sink.reader
    return await subject.retrying(lambda: reader.fingerprints(entity, range_.first, range_.last))


def _kept(range_: Range, held: Iterable[int]) -> list[int]:
    """Return the ids that no run may delete, or whose record is not to be had."""
    surplus = surplus_of(range_, held)
    return [*range_.quarantined, *(surplus.ids if surplus.held_back else ())]
