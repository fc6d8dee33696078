"""Spans of ids: made as few as they can be for a statement, and what it finds put back in them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from common.messages import Span
from loaders.sink import Digest


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
