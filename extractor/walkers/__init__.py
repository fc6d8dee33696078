"""From one parsed element to one plain record: a walker per entity, made of what is declared.

A walker returns the record's id and data.  It counts in `Oddities` what it does not know, and
raises `BadRecordError` for a record that must not be loaded.

The compiled walkers, where they are installed and fit, read what is regular.
"""

from array import array
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias, cast

from common.compiled import find_compiled
from common.entities import Entity
from common.records.shape import shape_of
from extractor.walkers.elements import BadRecordError, Element
from extractor.walkers.oddities import Oddities
from extractor.walkers.records import Walker, record_walker

__all__ = [
    "COMPILED",
    "WALKERS",
    "BadRecordError",
    "Element",
    "GroupWalker",
    "GroupWalkers",
    "Oddities",
    "Walker",
    "choose_walkers",
    "compiled_walkers",
]

WALKERS: Mapping[Entity, Walker] = {
    entity: record_walker(entity, shape_of(entity)) for entity in Entity
}

GroupWalker: TypeAlias = Callable[
    [Element, "array[int]", "array[int]"], tuple[bytes, "array[int]", int]
]
"""Encodes the records under a root, given ids and unsigned fingerprints, of 64 bits each.

Returns their JSON, each with a comma behind it; where each begins, and where the last ends; and
how many it declines, of which there is nothing.
"""

GroupWalkers: TypeAlias = Mapping[Entity, GroupWalker]

COMPILED = "extractor.walkers.compiled_walker"


def compiled_walkers() -> GroupWalkers:
    """Import them; raises what an import raises, or what Cython's own checks do."""
    return cast(GroupWalkers, import_module(COMPILED).WALKERS)


def choose_walkers(*, compiled: bool) -> GroupWalkers | None:
    """Return the compiled walkers if wanted and to be had, else None: Python's walk all."""
    walkers: GroupWalkers | None = find_compiled(COMPILED, "WALKERS") if compiled else None
    return walkers
