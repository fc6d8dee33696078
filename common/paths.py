"""Paths as text that anything can hold."""

import os
from pathlib import Path


def text_of(path: Path) -> str:
    r"""Return a path as UTF-8 can hold it: a byte that is none stands there as ``\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
