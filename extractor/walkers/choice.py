"""Which walker reads the regular records: the compiled one where it is installed and fits."""

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias, cast

import structlog

from common.entities import Entity
from extractor.walkers.fields import Element

log = structlog.get_logger()

GroupWalker: TypeAlias = Callable[[Element, Entity, list[tuple[int, int]]], list[bytes | None]]
"""Encodes the records under a root, given their keys; None for each one it declines."""

COMPILED = "extractor.walkers.compiled"


def choose_walker(*, compiled: bool) -> GroupWalker | None:
    """Return the compiled walker if it is wanted and can be had, else None: Python's walk all."""
    if not compiled:
        return None
    try:
        return cast(GroupWalker, import_module(COMPILED).encode_regular)
    except ModuleNotFoundError:
        return None
    except (ImportError, TypeError, ValueError) as error:  # Cython's own checks raise the latter
        log.warning("compiled_walker_unfit", consequence="walking in Python", error=str(error))
        return None
