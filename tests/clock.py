"""A clock for the programs of a test that can be set while they run."""

from collections.abc import Mapping
from pathlib import Path

from tests.commands import found, run_command

_SOURCE = Path(__file__).with_suffix(".c")


def clock_library(folder: Path) -> Path:
    """Make the library that lets a program have a clock of its own."""
    library = folder / "clock.so"
    options = ["-shared", "-fPIC", "-O1", "-o", str(library)]
    run_command([found("cc"), *options, str(_SOURCE)], {"PATH": "/usr/bin:/bin"})
    return library


class Clock:
    """A time of day for all programs that get its ``settings``; they look at it each time."""

    def __init__(self, folder: Path, library: Path | None = None, name: str = "clock") -> None:
        self._file = folder / name
        self._library = library or clock_library(folder)
        self.set_back(0)

    @property
    def settings(self) -> Mapping[str, str]:
        """The environment of programs that have this clock."""
        return {"LD_PRELOAD": str(self._library), "CLOCK_FILE": str(self._file)}

    def set_back(self, seconds: int) -> None:
        """Set it so many seconds behind the machine's; ahead, when they are negative."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds}\n", encoding="utf-8")
        new.replace(self._file)
