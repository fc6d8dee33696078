"""Which walker reads the regular records: the compiled one where it is installed and fits."""

from array import array
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias, cast

from common.compiled import find_compiled
from common.entities import Entity
from extractor.walkers.fields import Element

GroupWalker: TypeAlias = Callable[
    [Element, Entity, "array[int]", "array[int]"], tuple[bytes, "array[int]", int]
]
"""Encodes the records under a root, given ids and unsigned fingerprints, of 64 bits each.

Returns their JSON, each with a comma behind it; where each begins, and where the last ends; and
how many it declines, of which there is nothing.
"""

COMPILED = "extractor.walkers.compiled_walker"


def compiled_walker() -> GroupWalker:
    """Import it; raises what an import raises, or what Cython's own checks do."""
    return cast(GroupWalker, import_module(COMPILED).encode_regular)


def choose_walker(*, compiled: bool) -> GroupWalker | None:
    """Return the compiled walker if it is wanted and can be had, else None: Python's walk all."""
    walker: GroupWalker | None = find_compiled(COMPILED, "encode_regular") if compiled else None
    return walker
