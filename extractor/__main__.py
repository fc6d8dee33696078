"""``python -m extractor DUMP…``: read dumps and send what changed to the broker."""

import gc
import sys
from importlib import import_module


def main() -> int:
    """Import the command and run it; return the exit code."""
    gc.disable()  # what is imported is no garbage; `extract` has it looked for again
    return int(import_module("extractor.command").main())


if __name__ == "__main__":
    sys.exit(main())
