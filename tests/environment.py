"""The environment of tests, and of all programs they start: what everybody has, and no more.

A variable of the machine where a test was written (PYTHONUNBUFFERED, a locale, a setting of ours)
must not be what lets it pass.
"""

import os

_KEPT = ("PATH", "HOME", "TMPDIR")
_OF_TESTS = ("WAXTEST_", "PYTEST_")


def clear_environment() -> None:
    """Take every variable from this process's environment that is not named here."""
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_OF_TESTS):
            del os.environ[name]
