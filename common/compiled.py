"""What is compiled, where it is installed and fits; all of it has a twin in Python."""

from importlib import import_module
from typing import Any

import structlog

log = structlog.get_logger()


def find_compiled(module: str, name: str) -> Any:
    """Return what an extension module has under a name, or None where it cannot be had."""
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:
        return None
    except (ImportError, AttributeError, TypeError, ValueError) as error:  # as Cython's checks do
        log.warning("compiled_part_unfit", part=module, consequence="slower", error=str(error))
        return None
