"""Compares a sink with the ranges of its last run, at any time: no dump, no broker, no store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from common.entities import Entity
from common.messages import Range
from common.reports import State
from loaders.comparing import is_equal_in_the_end
from loaders.decisions import missing_ranges
from loaders.sink import RunRow, Sink
from loaders.writing import Writer


@dataclass(frozen=True, slots=True)
class Audit:
    """How a sink stands to its last run of one entity; ``row`` is None before the first.

    ``missing`` counts the ranges that have not come (None: not even one has), and nothing is
    compared before all have.  ``overtaken`` when another run began meanwhile.
    """

    sink: str
    entity: Entity
    row: RunRow | None = None
    rows: int = 0
    rejected: int = 0
    quarantined: int = 0
    missing: int | None = None
    ranges: int = 0
    unequal: Sequence[Range] = ()
    overtaken: bool = False

    @property
    def equal(self) -> bool:
        """Tell whether the last run is complete and the sink still equals it."""
        complete = self.row is not None and self.row.state is State.COMPLETE
        return complete and self.missing == 0 and not self.unequal and not self.overtaken


async def audit(sink: Sink, writer: Writer, entity: Entity) -> Audit:
    """Compare one entity; the sink is connected and holds waxline's schema."""
    row = (await writer.retrying(sink.run_rows)).get(entity)
    found = Audit(sink.name, entity, row)
    if row is None:
        return found
    ranges = await writer.retrying(lambda: sink.ranges(entity, row.run))
    found = replace(
        found,
        rows=await writer.retrying(lambda: sink.rows(entity)),
        rejected=len(await writer.retrying(lambda: sink.rejections(entity))),
        quarantined=sum(len(range_.quarantined) for range_ in ranges),
        missing=missing_ranges(ranges),
        ranges=len(ranges),
    )
    if found.missing == 0:
        found = replace(found, unequal=await _unequal(sink, writer, entity, ranges))
    now = (await writer.retrying(sink.run_rows)).get(entity)
    return replace(found, overtaken=now is None or now.run != row.run)


async def _unequal(
    sink: Sink, writer: Writer, entity: Entity, ranges: Sequence[Range]
) -> list[Range]:
    return [range_ for range_ in ranges if not await _is_equal(sink, writer, entity, range_)]


async def _is_equal(sink: Sink, writer: Writer, entity: Entity, range_: Range) -> bool:
    return await writer.retrying(lambda: is_equal_in_the_end(sink, entity, range_))
