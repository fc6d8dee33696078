"""Compares sinks with the ranges of their last run, at any time: no dump, broker or store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from common.entities import Entity
from common.messages import Range
from common.reports import State
from common.verdicts import NO_EXCEPTIONS, Exceptions, Facts, Verdict, exceptions_of, verdict
from loaders.comparing import Comparison, missing_ranges
from loaders.runs import RunRow
from loaders.sink import Sink
from loaders.writer import Writer
from waxline.check.subjects import Subject

_SPANS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Audit:
    """How a sink stands to its last run of one entity; ``row`` is None before the first.

    ``missing`` counts the ranges that have not come (None: not even one has), and nothing is
    compared before all have.  ``overtaken`` is the run that has begun meanwhile, or 0;
    ``misfit`` says that the sink is laid out by other options than those that are set.
    """

    sink: str
    entity: Entity
    row: RunRow | None = None
    rows: int = 0
    exceptions: Exceptions = NO_EXCEPTIONS
    missing: int | None = None
    ranges: int = 0
    unequal: Sequence[Range] = ()
    overtaken: int = 0
    misfit: str = ""

    @property
    def verdict(self) -> Verdict:
        """How the sink stands to its last run, now."""
        row = self.row
        if row is None:
            return verdict(Facts(detail="nothing was ever loaded: `waxline run` loads a dump"))
        if self.overtaken:
            return verdict(Facts(follower=self.overtaken))
        return verdict(
            Facts(
                row.state,
                row.detail or (str(self.exceptions) if row.state is State.COMPLETE else ""),
                row.exceptions or self.exceptions.count,
                missing=self._missing(),
                differs=self._differs(),
            )
        )

    @property
    def equal(self) -> bool:
        """Tell whether the last run is complete and the sink still equals it."""
        return self.verdict.standing.good

    def _missing(self) -> str:
        if self.missing is None:
            return "no ranges have come: the same `waxline run` finishes it"
        ranges = f"{self.missing} ranges have not come: the same `waxline run` finishes it"
        return ranges if self.missing else ""

    def _differs(self) -> str:
        if self.misfit or not self.unequal:
            return self.misfit
        spans = [f"{range_.first} to {range_.last - 1}" for range_ in self.unequal[:_SPANS_SHOWN]]
        more = ["…"] if len(self.unequal) > _SPANS_SHOWN else []
        ids = ", ".join([*spans, *more])
        return f"{len(self.unequal)} of {self.ranges} ranges differ: ids {ids}"


async def audit(sink: Sink, writer: Writer, entity: Entity) -> Audit:
    """Compare one entity; the sink is connected and holds waxline's schema."""
    bookkeeping = sink.bookkeeping
    row = (await writer.retrying(bookkeeping.run_rows)).get(entity)
    found = Audit(sink.server, entity, row)
    if row is None:
        return found
    ranges = await writer.retrying(lambda: bookkeeping.ranges(entity, row.run))
    rejections = await writer.retrying(lambda: bookkeeping.rejections(entity))
    kept = sum(rejection.kept for rejection in rejections)
    found = replace(
        found,
        rows=await writer.retrying(lambda: sink.content.rows(entity)),
        exceptions=exceptions_of(ranges, len(rejections) - kept, kept),
        misfit=await writer.retrying(lambda: sink.misfit(entity)),
        missing=missing_ranges(ranges),
        ranges=len(ranges),
    )
    if found.missing == 0:
        found = replace(
            found, unequal=await Comparison(sink.content, writer, entity).unequal_in_the_end(ranges)
        )
    now = (await writer.retrying(bookkeeping.run_rows)).get(entity)
    return replace(found, overtaken=now.run if now and now.run != row.run else 0)


async def audit_sinks(subjects: Sequence[Subject], entities: Sequence[Entity]) -> list[Audit]:
    """Return the audit of every entity in every sink, entity by entity."""
    return [
        await audit(subject.sink, subject.writer, entity)
        if subject.loaded
        else Audit(subject.name, entity)
        for entity in entities
        for subject in subjects
    ]
