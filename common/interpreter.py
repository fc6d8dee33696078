"""How a Python process of ours is started: whatever lies in the user's folder is not imported."""

import os
import sys
from collections.abc import Mapping


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command of ``python -m MODULE``, the working folder not on its path."""
    return [sys.executable, "-P", "-m", module, *arguments]


def python_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment and more: a child, and what it starts, finds modules where we do."""
    path = os.pathsep.join(filter(None, sys.path))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **(more or {})}
