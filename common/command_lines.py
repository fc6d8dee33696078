"""Command lines: how our program was called, and how a Python process of ours is started.

A hint should work when it is pasted, and no file in the user's folder should be imported.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = "waxline"


def called() -> str:
    """Return the words that call the program: its name where a shell would find it by that."""
    first = Path(sys.argv[0])
    if first.name == "__main__.py" and first.parent.name == PROGRAM:
        return f"{interpreter()} -m {PROGRAM}"
    found = shutil.which(PROGRAM)
    if first.name != PROGRAM or (found and first.exists() and first.samefile(found)):
        return PROGRAM
    return shlex.quote(_short(first))


def interpreter() -> str:
    """Return the words that call this Python, which has the databases' drivers."""
    return shlex.quote(_short(Path(sys.executable)))


def as_called(sentence: str) -> str:
    """Return a sentence in which our commands stand between backquotes, as they are called."""
    return sentence.replace(f"`{PROGRAM} ", f"`{called()} ")


def _short(path: Path) -> str:
    """Return a path as seen from the working folder, where it lies in that."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


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
