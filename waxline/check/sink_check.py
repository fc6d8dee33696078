"""Compares one sink with records of a dump."""

from collections.abc import Sequence

from common.dumps import Dump
from common.errors import RunSupersededError
from common.messages import Range
from common.records import Record
from loaders.comparing import surplus_of, within
from loaders.differences import NOTHING, Part, Text
from loaders.runs import RunRow
from loaders.sink import Rejection
from waxline.check.findings import Findings
from waxline.check.subjects import Subject

_EXTRA = Part("", "", "", NOTHING, Text("a record, or parts of one, that the dump has not"))


class SinkCheck:
    """One sink and one dump; what differs goes to ``findings``.

    `begun` makes one, and raises `NotEqualError` when the sink holds another dump.
    ``quarantined`` has what the sink's run has left out.
    """

    def __init__(
        self,
        subject: Subject,
        dump: Dump,
        row: RunRow,
        rejections: Sequence[Rejection],
        quarantined: frozenset[int],
        findings: Findings,
    ) -> None:
        self.quarantined = quarantined
        self._subject = subject
        self._dump = dump
        self._row = row
        self._rejected = {one.id: one.fingerprint for one in rejections if not one.kept}
        self._rejected_ids = sorted(self._rejected)
        self._kept = sorted(one.id for one in rejections if one.kept)  # rows not to be deleted
        self._findings = findings
        self._tally = findings.tallies[dump.entity, subject.name]

    @classmethod
    async def begun(cls, subject: Subject, dump: Dump, findings: Findings) -> "SinkCheck":
        """Look up the run and the rejected records."""
        row = await subject.row_of(dump)
        rejections = await subject.retrying(
            lambda: subject.sink.bookkeeping.rejections(dump.entity)
        )
        ranges = await subject.retrying(
            lambda: subject.sink.bookkeeping.ranges(dump.entity, row.run)
        )
        quarantined = frozenset(i for range_ in ranges for i in range_.quarantined)
        misfit = await subject.retrying(lambda: subject.sink.misfit(dump.entity))
        findings.tallies[dump.entity, subject.name].misfit = misfit
        return cls(subject, dump, row, rejections, quarantined, findings)

    async def compare(self, records: Sequence[Record]) -> None:
        """Compare records; one that the sink has rejected counts by its fingerprint."""
        taken = [record for record in records if record["id"] not in self._rejected]
        self._compare_rejected([record for record in records if record["id"] in self._rejected])
        entity, reader = self._dump.entity, self._subject.sink.reader
        parts = await self._subject.retrying(lambda: reader.compare(entity, taken))
        self._findings.note(entity, self._subject.name, parts)
        self._tally.compared += len(taken)

    async def find_extra(self, ranges: Sequence[Range]) -> None:
        """Find what the sink holds of ids that the dump has not, in ranges without a gap."""
        entity, reader = self._dump.entity, self._subject.sink.reader
        first, last = ranges[0].first, ranges[-1].last
        held = sorted(await self._subject.retrying(lambda: reader.ids(entity, first, last)))
        for range_ in ranges:
            self._note_extra(range_, within(held, range_))

    def _note_extra(self, range_: Range, held: Sequence[int]) -> None:
        rejected, kept = within(self._rejected_ids, range_), within(self._kept, range_)
        surplus = surplus_of(range_, sorted({*held, *rejected} - {*kept}))
        self._tally.kept += len(kept)
        if surplus.held_back:
            self._tally.kept += len(surplus.ids)
        else:
            extra = {record_id: [_EXTRA] for record_id in surplus.ids}
            self._findings.note(self._dump.entity, self._subject.name, extra)

    async def end(self) -> None:
        """Raise `RunSupersededError` when another run has begun meanwhile."""
        row = await self._subject.row_of(self._dump)
        if row.run != self._row.run:
            raise RunSupersededError(
                f"another run of {self._dump.entity.plural} has begun in {self._subject.name} "
                "meanwhile: once it has ended, the same command compares again"
            )

    def _compare_rejected(self, records: Sequence[Record]) -> None:
        for record in records:
            held = self._rejected[record["id"]]
            if held == record["fingerprint"]:
                self._tally.rejected += 1
                continue
            part = Part("rejected", "", "fingerprint", record["fingerprint"], held)
            self._findings.note(self._dump.entity, self._subject.name, {record["id"]: [part]})
