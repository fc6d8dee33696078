"""What a batch changes, decided before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from common.records import Record


@dataclass(frozen=True, slots=True)
class Plan:
    """The records to write, ascending by id: those without a row, and those with another."""

    added: list[Record]
    replaced: list[Record]
    unchanged: int

    @property
    def ids(self) -> list[int]:
        """Of all that is to be written."""
        return [record["id"] for record in (*self.added, *self.replaced)]


def plan(records: Sequence[Record], held: Mapping[int, int]) -> Plan:
    """Compare records with the fingerprints held by id.

    Ascending ids keep two sessions with the same ids from waiting for each other in a circle.
    """
    ordered = sorted(records, key=itemgetter("id"))
    if not held:  # a first load
        return Plan(added=ordered, replaced=[], unchanged=0)
    differing = [record for record in ordered if held.get(record["id"]) != record["fingerprint"]]
    return Plan(
        added=[record for record in differing if record["id"] not in held],
        replaced=[record for record in differing if record["id"] in held],
        unchanged=len(records) - len(differing),
    )
