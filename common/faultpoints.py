"""Points at which a process kills itself, when a test of faults has told it to.

``WAXTEST_KILL_AT`` names points and at which passing of each: ``postgres.committed:3,*:40``; ``*``
is any point.  Nothing of ours sets the variable, and without it passing a point is a comparison
with None.
"""

import os
import signal

VARIABLE = "WAXTEST_KILL_AT"
LAST_WORDS = "killed at "
"""What standard error says before the name of the point."""


class _Doom:
    def __init__(self, said: str) -> None:
        pairs = (point.partition(":") for point in said.split(","))
        self._left = {name: int(passing or 1) for name, _, passing in pairs}

    def passing(self, name: str) -> None:
        """Count, and end as SIGKILL ends: nothing of ours runs any more."""
        for met in ("*", name):
            self._left[met] = self._left.get(met, 0) - 1
            if self._left[met] == 0:
                os.write(2, f"{LAST_WORDS}{name}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)


def _doom(said: str | None) -> _Doom | None:
    return _Doom(said) if said else None


_DOOM = _doom(os.environ.get(VARIABLE))


def passing(name: str) -> None:
    """Say that the process has come to this point."""
    if _DOOM is not None:
        _DOOM.passing(name)
