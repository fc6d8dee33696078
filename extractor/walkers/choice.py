"""Which walker reads the regular records: the compiled one where it is installed and fits."""

from common.compiled import find_compiled
from extractor.walkers.regular import COMPILED, GroupWalker


def choose_walker(*, compiled: bool) -> GroupWalker | None:
    """Return the compiled walker if it is wanted and can be had, else None: Python's walk all."""
    walker: GroupWalker | None = find_compiled(COMPILED, "encode_regular") if compiled else None
    return walker
