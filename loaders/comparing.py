"""Whether what a sink holds of a range is what the dump has: one comparison for all who ask."""

from collections.abc import Iterable

from common.entities import Entity
from common.messages import Range
from loaders.decisions import Surplus, surplus_of
from loaders.sink import Sink


async def is_equal(
    sink: Sink, entity: Entity, range_: Range, held_back: Iterable[int] = ()
) -> bool:
    """Compare count and sum of fingerprints, leaving out quarantined ids and ``held_back``."""
    digest = await sink.digest(entity, range_, {*range_.quarantined, *held_back})
    return (digest.count, digest.total) == (range_.count, range_.total)


async def find_surplus(sink: Sink, entity: Entity, range_: Range) -> Surplus:
    """Return what the sink holds in a range that the dump does not have."""
    return surplus_of(range_, await sink.held(entity, range_.first, range_.last))


async def is_equal_in_the_end(sink: Sink, entity: Entity, range_: Range) -> bool:
    """Compare as at the end of a run: what it could not safely delete is no difference."""
    if await is_equal(sink, entity, range_):
        return True
    if not range_.hold_deletions:
        return False
    surplus = await find_surplus(sink, entity, range_)
    return await is_equal(sink, entity, range_, surplus.ids)
