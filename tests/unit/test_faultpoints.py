"""Points at which a process kills itself: only when its environment says so."""

import os
import signal
import subprocess
import sys

import pytest

from common.faultpoints import LAST_WORDS, VARIABLE

PASSING = """
from common import faultpoints
for name in ("one", "two", "one", "three"):
    faultpoints.passing(name)
    print(name, flush=True)
"""


def passing(said: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, VARIABLE: said}
    command = [sys.executable, "-c", PASSING]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("said", ["", "four", "one:3", "*:5"])
def test_a_point_that_is_not_meant_is_passed(said: str) -> None:
    done = passing(said)
    assert (done.returncode, done.stdout.split()) == (0, ["one", "two", "one", "three"])


@pytest.mark.parametrize(
    ("said", "point", "passed"),
    [
        ("two", "two", ["one"]),
        ("one:2", "one", ["one", "two"]),
        ("*:4", "three", ["one", "two", "one"]),
        ("three,*:2", "two", ["one"]),
    ],
)
def test_the_process_ends_at_its_point(said: str, point: str, passed: list[str]) -> None:
    done = passing(said)
    assert (done.returncode, done.stdout.split()) == (-signal.SIGKILL, passed)
    assert done.stderr == f"{LAST_WORDS}{point}\n"
