"""Which walker reads the regular records: the compiled one where it is installed and fits."""

import structlog

from extractor.walkers.regular import GroupWalker, compiled_walker

log = structlog.get_logger()


def choose_walker(*, compiled: bool) -> GroupWalker | None:
    """Return the compiled walker if it is wanted and can be had, else None: Python's walk all."""
    if not compiled:
        return None
    try:
        return compiled_walker()
    except ModuleNotFoundError:
        return None
    except (ImportError, TypeError, ValueError) as error:  # Cython's own checks raise the latter
        log.warning("compiled_walker_unfit", consequence="walking in Python", error=str(error))
        return None
