"""Whole records: an element becomes the record's own id and its data."""

from collections.abc import Callable
from typing import Any, TypeAlias

from common.entities import ID_LIMIT
from common.records.shape import Shape, Value
from extractor.walkers.elements import BadRecordError, Element
from extractor.walkers.oddities import Oddities
from extractor.walkers.readers import object_reader
from extractor.walkers.values import short, whole_number

Walker: TypeAlias = Callable[[Element, Oddities], tuple[int, Any]]
"""Reads the record of an element; raises `BadRecordError` for one that must not be loaded."""


def record_walker(tag: str, shape: Shape) -> Walker:
    """Return the walker of elements that are records of this shape."""
    read = object_reader(shape, tag)
    (own,) = (one.key for one in (*shape.attributes, *shape.children) if one.value is Value.OWN_ID)
    article = "an" if tag[0] in "aeiou" else "a"

    def walk(element: Element, odd: Oddities) -> tuple[int, Any]:
        data = read(element, odd)
        number = data.pop(own, None)
        if not number and not shape.attributes:
            raise BadRecordError(f"{article} {tag} without an id")
        return _own_id(number), data

    return walk


def _own_id(value: str | None) -> int:
    """Read a record's own id; raise `BadRecordError` unless it is in 1 … 2**31 - 1."""
    number = whole_number(value)
    if not number:
        raise BadRecordError(f"id {short(value)} is not a number from 1 to {ID_LIMIT - 1}")
    return number
