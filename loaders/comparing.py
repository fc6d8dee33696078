"""Whether what a sink holds of ranges is what the dump has: one comparison for all who ask.

Many ranges are asked for in one statement, as far as they hold no more than some hundred thousand
records.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.entities import Entity
from common.messages import Range
from loaders.portions import RECORDS_AT_ONCE, portions
from loaders.sink import Content, Digest
from loaders.writer import Writer

HeldBack = Mapping[int, Collection[int]]
"""By a range's index the ids that the dump does not have and that nobody may delete."""


@dataclass(frozen=True, slots=True)
class Surplus:
    """What a sink holds that the dump does not have, in ids."""

    ids: list[int]
    held_back: bool
    """The run met a record without a readable id, so nothing may be deleted."""


class Comparison:
    """Compares one entity of a sink's content; ranges are given by their index, and so ascend."""

    def __init__(self, content: Content, writer: Writer, entity: Entity) -> None:
        self._content = content
        self._writer = writer
        self._entity = entity
        self._held: dict[int, int] = {}

    async def unequal(
        self, ranges: Sequence[Range], held_back: HeldBack | None = None
    ) -> list[Range]:
        """Return the ranges whose count or sum of fingerprints is another.

        Left out are quarantined ids, and those that are ``held_back``.
        """
        left_out = {one.index: _left_out(one, held_back or {}) for one in ranges}
        found: list[Range] = []

        def weigh(one: Range) -> int:
            return one.count + len(left_out[one.index])

        for some in portions(ranges, weigh, self._content.summed_at_once):
            digests = await self._digests(some, [i for one in some for i in left_out[one.index]])
            pairs = zip(some, digests, strict=True)
            found += [one for one, digest in pairs if _differs(one, digest)]
        return found

    async def surplus(self, ranges: Sequence[Range]) -> dict[int, Surplus]:
        """Return, by index, what the sink holds of ranges found unequal that the dump has not."""
        found: dict[int, Surplus] = {}
        for some in portions(ranges, lambda one: self._held.get(one.index, RECORDS_AT_ONCE)):
            held = await self._ids(some)
            for one in some:
                found[one.index] = surplus_of(one, within(held, one))
        return found

    async def unequal_in_the_end(self, ranges: Sequence[Range]) -> list[Range]:
        """Compare as at the end of a run: what it could not safely delete is no difference."""
        unequal = await self.unequal(ranges)
        held = [one for one in unequal if one.hold_deletions]
        differ = await self.unequal(held, held_back_of(await self.surplus(held)))
        indexes = {one.index for one in differ}
        return [one for one in unequal if not one.hold_deletions or one.index in indexes]

    async def _ids(self, ranges: Sequence[Range]) -> list[int]:
        spans = [one.span for one in ranges]
        return await self._writer.retrying(lambda: self._content.held(self._entity, spans))

    async def _digests(self, ranges: Sequence[Range], without: Sequence[int]) -> list[Digest]:
        spans = [one.span for one in ranges]
        digests = await self._writer.retrying(
            lambda: self._content.digests(self._entity, spans, without)
        )
        for one, digest in zip(ranges, digests, strict=True):
            self._held[one.index] = digest.count + len(one.quarantined)
        return digests


def missing_ranges(ranges: Sequence[Range]) -> int | None:
    """Return how many ranges of the run have not come; None before the first."""
    return ranges[0].ranges - len(ranges) if ranges else None


def within(ids: Sequence[int], range_: Range) -> Sequence[int]:
    """Return, of ascending ids, those in a range."""
    first = bisect_left(ids, range_.first)
    return ids[first : bisect_left(ids, range_.last, first)]


def surplus_of(range_: Range, held: Iterable[int]) -> Surplus:
    """Return the ids that are neither in the range's bitmap nor quarantined."""
    quarantined = set(range_.quarantined)
    ids = [i for i in held if i not in quarantined and not range_.holds(i)]
    return Surplus(ids, range_.hold_deletions)


def held_back_of(surplus: Mapping[int, Surplus]) -> HeldBack:
    """Return what may not be deleted."""
    return {index: part.ids for index, part in surplus.items() if part.held_back}


def _left_out(range_: Range, held_back: HeldBack) -> set[int]:
    return {*range_.quarantined, *held_back.get(range_.index, ())}


def _differs(range_: Range, digest: Digest) -> bool:
    return (digest.count, digest.total) != (range_.count, range_.total)
