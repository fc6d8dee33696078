"""What a batch changes, decided before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.records import Record


@dataclass(frozen=True, slots=True)
class Plan:
    """The records to write, ascending by id, and those of their ids that have a row to go."""

    write: list[Record]
    replaced: list[int]
    unchanged: int


def plan(records: Sequence[Record], held: Mapping[int, int]) -> Plan:
    """Compare records with the fingerprints held by id.

    Ascending ids keep two sessions with the same ids from waiting for each other in a circle.
    """
    differing = [record for record in records if held.get(record["id"]) != record["fingerprint"]]
    differing.sort(key=lambda record: record["id"])
    return Plan(
        write=differing,
        replaced=[record["id"] for record in differing if record["id"] in held],
        unchanged=len(records) - len(differing),
    )
