"""What a loader decides about messages, ranges and runs: pure, shared with the simulation."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from common.messages import Headers, Range, Span
from common.records import Record
from common.run_rules import rows_before, too_many_deletions
from loaders.runs import RunRow
from loaders.sink import Digest


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


def within(ids: Sequence[int], range_: Range) -> Sequence[int]:
    """Return, of ascending ids, those in a range."""
    first = bisect_left(ids, range_.first)
    return ids[first : bisect_left(ids, range_.last, first)]


def joined(spans: Sequence[Span]) -> list[Span]:
    """Return ascending spans with those made one that follow each other without a gap."""
    found: list[Span] = []
    for first, last in spans:
        begin = found.pop()[0] if found and found[-1][1] == first else first
        found.append((begin, last))
    return found


def place_of(spans: Sequence[Span], record_id: int) -> int | None:
    """Return which of ascending spans an id is in, None when it is between them."""
    place = bisect_right(spans, record_id, key=lambda span: span[0]) - 1
    return place if place >= 0 and record_id < spans[place][1] else None


def summed_up(spans: Sequence[Span], parts: Iterable[tuple[int, int, int]]) -> list[Digest]:
    """Add parts, each by an id, a count and a total, to the digests of their spans."""
    sums = [[0, 0] for _ in spans]
    for record_id, count, total in parts:
        if (place := place_of(spans, record_id)) is not None:
            sums[place][0] += count
            sums[place][1] += total
    return [Digest(count, total % 2**64) for count, total in sums]


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
