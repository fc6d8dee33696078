"""What is compiled, where it is installed and fits; all of it has a twin in Python.

``python -m common.compiled`` fails unless all of it is there: for whoever builds an image.
"""

import sys
from importlib import import_module
from typing import Any

import structlog

log = structlog.get_logger()

MODULES = (
    "extractor.framing.compiled_cutter",
    "extractor.walkers.compiled_shapes",
    "extractor.walkers.compiled_walker",
    "loaders.postgres.compiled_encoder",
    "loaders.postgres.compiled_plans",
    "loaders.lazy_json.slicing",
    "loaders.lazy_json.picking",
)


def find_compiled(module: str, name: str) -> Any:
    """Return what an extension module has under a name, or None where it cannot be had."""
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:
        return None
    except (ImportError, AttributeError, TypeError, ValueError) as error:  # as Cython's checks do
        log.warning("compiled_part_unfit", part=module, consequence="slower", error=str(error))
        return None


def main() -> int:
    """Say which modules are missing, and why; return 1 when there are any."""
    missing = 0
    for module in MODULES:
        try:
            import_module(module)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            missing = 1
            sys.stderr.write(f"{module} is not compiled: {error}\n")
    return missing


if __name__ == "__main__":
    sys.exit(main())
