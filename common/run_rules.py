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


def block_deletions(surplus: int, rows: int, rows_at_complete: int, allowed: bool) -> str:
    """Return why the deletions of all ranges together must wait, or an empty text.

    More than a tenth does, of what was there before the run: ``rows_at_complete`` at most, or,
    where that is 0, before the first complete run, the ``rows`` that are held now.
    """
    before = min(rows, rows_at_complete) if rows_at_complete else rows
    if allowed or surplus * _LARGEST_SHARE_DELETED <= before:
        return ""
    return (
        f"{surplus} of {before} rows would be deleted, more than a tenth: "
        "allow_deletions is needed if this dump is meant"
    )
