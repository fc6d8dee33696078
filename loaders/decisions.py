"""What a loader decides about messages, ranges and runs: pure, shared with the simulation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from common.messages import Headers, Range
from common.records import Record
from common.truth import rows_before, too_many_deletions
from loaders.sink import RunRow


class Admission(Enum):
    """What becomes of a message."""

    APPLY = auto()
    ADVANCE = auto()
    DROP = auto()


def admit(headers: Headers, row: RunRow | None, refused: Iterable[int]) -> Admission:
    """Decide by the run: an older one is dropped, a newer one has to become current first."""
    if headers.run in refused:
        return Admission.DROP
    if row is None:
        return Admission.ADVANCE
    if headers.run < row.run:
        return Admission.DROP
    return Admission.APPLY if headers.run == row.run else Admission.ADVANCE


def distinct(records: Iterable[Record]) -> list[Record]:
    """Return one record per id, in id order: within a run an id has one content."""
    first: dict[int, Record] = {}
    for record in records:
        first.setdefault(record["id"], record)
    return [first[record_id] for record_id in sorted(first)]


def missing_ranges(ranges: Sequence[Range]) -> int | None:
    """Return how many ranges of the run have not come; None before the first."""
    return ranges[0].ranges - len(ranges) if ranges else None


@dataclass(frozen=True, slots=True)
class Surplus:
    """What a sink holds that the dump does not have, in ids."""

    ids: list[int]
    held_back: bool
    """The run met a record without a readable id, so nothing may be deleted."""


def surplus_of(range_: Range, held: Iterable[int]) -> Surplus:
    """Return the ids that are neither in the range's bitmap nor quarantined."""
    quarantined = set(range_.quarantined)
    ids = [i for i in held if i not in quarantined and not range_.holds(i)]
    return Surplus(ids, range_.hold_deletions)


def block_deletions(surplus: int, rows: int, row: RunRow, allowed: bool) -> str:
    """Return why the deletions of all ranges together must wait, or an empty text."""
    before = rows_before(rows, row.rows_at_complete)
    if allowed or not too_many_deletions(surplus, before):
        return ""
    return (
        f"{surplus} of {before} rows would be deleted, more than a tenth: "
        "allow_deletions is needed if this dump is meant"
    )
