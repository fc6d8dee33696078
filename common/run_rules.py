"""The decisions that make a run's outcome independent of what happens on the way.

All of them are pure: the real parts and the simulation in the tests use the same functions.
"""

from collections.abc import Iterable

from common.messages import Headers

RANGE_SIZE = 65_536
"""Ids per range; what the dump leaves empty between two ranges is one range of any length."""

FINGERPRINT_SPAN = 2**64

_RANDOM_BITS = 20
_LARGEST_SHARE_DELETED = 10  # a tenth


def next_run(now_ms: int, reported: Iterable[int], random: int) -> int:
    """Return a run id above every reported one; never reused.

    ``now_ms`` is the time in milliseconds since the epoch, ``random`` any non-negative number:
    two readings that begin at the same moment differ by it.
    """
    highest = max((run >> _RANDOM_BITS for run in reported), default=0)
    return max(now_ms, highest + 1) << _RANDOM_BITS | random % (1 << _RANDOM_BITS)


def as_signed(fingerprint: int) -> int:
    """Return an unsigned 64-bit fingerprint as the signed number that databases hold."""
    return fingerprint - FINGERPRINT_SPAN if fingerprint >> 63 else fingerprint


def refusal(headers: Headers, held_dump: int) -> str:
    """Return why a newer run must not become current, or an empty text."""
    if headers.dump < held_dump and not headers.allow_older:
        return (
            f"the dump of {headers.dump} is older than that of {held_dump}, "
            "which is loaded: allow_older is needed to go back"
        )
    return ""


def rows_before(rows: int, rows_at_complete: int) -> int:
    """Return how many rows there were before a run, of those that are held now.

    ``rows_at_complete`` is 0 before the first complete run: then what is held counts.
    """
    return min(rows, rows_at_complete) if rows_at_complete else rows


def too_many_deletions(surplus: int, before: int) -> bool:
    """Tell whether a run would delete more than a tenth of what was there."""
    return surplus * _LARGEST_SHARE_DELETED > before
