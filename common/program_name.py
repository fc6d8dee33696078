"""How our program was called: a hint should work when it is pasted."""

import shlex
import shutil
import sys
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
