"""The compiled walker, which knows the regular records only."""

from array import array
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias, cast

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
