"""Dates of releases, which are text of any kind, as Discogs' API words them."""

import re

from common.records.derive import year_of

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def formatted(released: str) -> str:
    """Return ``07 Jul 2000`` of ``2000-07-07``, ``Mar 1999`` of ``1999-03-00``, else the text."""
    parts = _DATE.fullmatch(released)
    if parts is None:
        return released
    year, month, day = parts[1], int(parts[2]), parts[3]
    if not 1 <= month <= len(_MONTHS):
        return year
    return " ".join([*([day] if day != "00" else []), _MONTHS[month - 1], year])


def year_or_zero(released: str | None) -> int:
    """Return the year, 0 where none is known, as a release has it."""
    return year_of(released) or 0
