"""That the packages beside this one are waxline's own.

Their names are so common that a file in the user's folder or another distribution may have them.
"""

import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

NAMES = ("common", "config", "extractor", "generator", "loaders")
MARK = b"waxline"
"""What the docstring of each package has in it."""

_HOME = Path(__file__).parent.parent


def forget_working_folder() -> None:
    """Take from the path what ``python -m`` puts there first, unless it is where we are."""
    first = Path(sys.path[0])
    with suppress(FileNotFoundError):  # a folder that is gone holds no modules
        if not sys.flags.safe_path and first.samefile(Path()) and not first.samefile(_HOME):
            del sys.path[0]


def stranger() -> str:
    """Return a sentence about a package that is not ours; empty when all are."""
    for name in NAMES:
        found = find_spec(name)
        place = found.origin or name if found else ""
        if not place:
            return f"its package {name} is missing: install waxline again{_ALONE}"
        if not _is_ours(Path(place), name):
            return f"{place} is not waxline's, and hides its package {name}: install it{_ALONE}"
    return ""


_ALONE = " in an environment of its own (pipx, uv tool install, or python -m venv)"


def _is_ours(file: Path, name: str) -> bool:
    ours = _HOME / name / "__init__.py"
    return file.exists() and file.samefile(ours) and MARK in file.read_bytes()
