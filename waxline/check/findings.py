"""What a comparison with a dump has found: the first differences whole, the rest counted."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from common.entities import Entity
from common.messages import Range
from common.reports import State
from common.verdicts import Facts, Verdict, exceptions_of, verdict
from loaders.differences import Difference, Parts

Wrong = Mapping[Entity, Mapping[str, Collection[int]]]
"""Ids that are not right, by entity and sink."""


@dataclass(slots=True)
class Tally:
    """What became of one entity in one sink; ``differing`` has the ids that are not right.

    ``kept`` counts ids that the dump has not and that its run could not delete, or not safely.
    ``misfit`` says that the sink is laid out by other options than those that are set.
    """

    compared: int = 0
    rejected: int = 0
    kept: int = 0
    misfit: str = ""
    differing: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Coverage:
    """How much of one dump was looked at, in records.

    ``left_out`` are those that come again, too; ``ranges`` tell of the others.  ``drawn`` is the
    size of a sample, None where every record was compared.
    """

    read: int = 0
    left_out: int = 0
    drawn: int | None = None
    ranges: Sequence[Range] = ()


class Findings:
    """Collects differences; no more than ``limit`` of them are kept as such."""

    def __init__(self, limit: int) -> None:
        self.shown: list[Difference] = []
        self.count = 0
        self.tallies: defaultdict[tuple[Entity, str], Tally] = defaultdict(Tally)
        self.coverage: dict[Entity, Coverage] = {}
        self._limit = limit

    def note(self, entity: Entity, sink: str, parts: Parts) -> None:
        """Take what differs, by id."""
        self.tallies[entity, sink].differing.update(parts)
        for record_id, of_record in parts.items():
            self.count += len(of_record)
            room = self._limit - len(self.shown)
            self.shown += [Difference(sink, entity, record_id, one) for one in of_record[:room]]

    @property
    def records(self) -> int:
        """How many records differ, each counted in each sink."""
        return sum(len(tally.differing) for tally in self.tallies.values())

    def verdict(self, entity: Entity, sink: str) -> Verdict | None:
        """Return how a sink stands to the dump; None where only a sample was seen to be right."""
        tally, coverage = self.tallies[entity, sink], self.coverage[entity]
        if coverage.drawn is not None and not tally.differing and not tally.misfit:
            return None
        exceptions = exceptions_of(coverage.ranges, tally.rejected, tally.kept)
        differs = tally.misfit or (f"{len(tally.differing):,} records" if tally.differing else "")
        return verdict(Facts(State.COMPLETE, str(exceptions), exceptions.count, differs=differs))

    def verdicts(self) -> dict[tuple[Entity, str], Verdict | None]:
        """Return the verdict of every sink on every dump that was looked at."""
        return {key: self.verdict(*key) for key in self.tallies if key[0] in self.coverage}

    @property
    def good(self) -> bool:
        """Tell whether nothing was found that is not as it should be."""
        return all(found is None or found.standing.good for found in self.verdicts().values())

    def ids(self, entity: Entity, sink: str) -> set[int]:
        """Return the ids that are not right in a sink."""
        return self.tallies[entity, sink].differing
