"""What a single text or attribute of a dump says: an id, a number, true or false."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from common.entities import ID_LIMIT
from common.records.shape import Value
from extractor.walkers.elements import BadRecordError
from extractor.walkers.oddities import Oddities

_FLAGS: Mapping[str | None, bool] = {"true": True, "false": False}


def reference_id(value: str | None, *_: object) -> int | None:
    """Read the id of something referred to; None where the dump says that it has none."""
    if not value or value == "0":
        return None
    if len(value) < 10 and value.isascii() and value.isdigit():  # nearly all, at once
        return int(value) or None
    number = whole_number(value)
    if number is None:
        raise BadRecordError(f"reference {short(value)} is not an id below {ID_LIMIT}")
    return number or None


def whole_number(value: str | None) -> int | None:
    """Return a number below 2**31 written in ASCII digits, else None."""
    if not value or len(value) > 10 or not (value.isascii() and value.isdigit()):
        return None
    number = int(value)
    return number if number < ID_LIMIT else None


def measure(value: str | None, path: str, odd: Oddities) -> int | None:
    """Read a size or duration; count one that is no number below 2**31 as odd."""
    number = whole_number(value)
    if number is None and value:
        odd[f"{path}: not a number"] += 1
    return number


def number(value: str | None, path: str, odd: Oddities) -> int | None:
    """Read a year, as a measure; 0 says that there is none."""
    return measure(value, path, odd) or None


def flag(value: str | None, path: str, odd: Oddities) -> bool | None:
    """Read ``true`` or ``false``; count anything else as odd."""
    if value and value not in _FLAGS:
        odd[f"{path}: not true or false"] += 1
    return _FLAGS.get(value)


def filled(value: str | None, *_: object) -> str | None:
    """Return a text that is not empty."""
    return value or None


def as_it_is(value: str | None, *_: object) -> str | None:
    """Return a record's own id; what it says is seen last."""
    return value


Meaning: TypeAlias = Callable[[str | None, str, Oddities], Any]
"""What a text says, given its path; None for nothing."""

MEANINGS: Mapping[Value, Meaning] = {
    Value.OWN_ID: as_it_is,
    Value.TEXT: filled,
    Value.FLAG: flag,
    Value.MEASURE: measure,
    Value.NUMBER: number,
    Value.ID: reference_id,
}


def short(value: str | None) -> str:
    """Return a value as it is to be shown in a reason."""
    if value is None:
        return "(none)"
    return repr(value if len(value) <= 40 else f"{value[:40]}…")
