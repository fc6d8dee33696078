"""``python -m loaders postgres|neo4j``: load what the extractor sends into one database."""

import gc
import sys
from importlib import import_module


def main() -> int:
    """Import the command and run it; return the exit code."""
    gc.disable()  # what is imported is no garbage; a loader looks for it by itself
    return int(import_module("loaders.command").main())


if __name__ == "__main__":
    sys.exit(main())
