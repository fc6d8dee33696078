"""How a Python process of ours is started: whatever lies in the user's folder is not imported."""

import os
import sys
from collections.abc import Mapping, Sequence


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command of ``python -m MODULE``, the working folder not on its path."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment and more: a child, and what it starts, finds modules where we do."""
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **(more or {})}


def module_of(command: Sequence[str]) -> str:
    """Return the module that a Python process runs, by its command line; empty for none.

    Not any word of it: what is looked for may be a part of the interpreter's path.
    """
    options = list(command[1:])
    return options[options.index("-m") + 1] if "-m" in options[:-1] else ""
