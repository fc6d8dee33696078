"""The profiles of the long benchmarks: stacks that py-spy tells, added up by function."""

import asyncio
import sys
from pathlib import Path

import pytest

from benchmarks.spy import TOP, Spy, read_stacks
from waxline.servers.wheels import NotInstalledError


def test_stacks_of_work_are_added_up() -> None:
    bottom = "run (loaders/command.py);run_until_complete (asyncio/base_events.py)"
    profile = read_stacks(
        "loader",
        [
            f"{bottom};write (loaders/a.py);copy (slicing.c);0x7f01 (e/e.cpython-311-x86_64.so) 4",
            f"{bottom};write (loaders/a.py);copy (slicing.c);0x7f02 (e/e.abi3.so) 2",
            f"{bottom};write (loaders/a.py);write (loaders/a.py) 3",
            f"{bottom};_PyEval (libpython3.11.so) 1",
            f"{bottom};select_epoll_poll (selectmodule.c.h);epoll_wait (libc.so.6) 50",
            "thread_run (libpython3.11.so);_queue_SimpleQueue_get (q.c);0x7f03 (libc.so.6) 40",
            "no stack",
        ],
    )
    assert profile.samples == 10
    assert profile.own == [
        ("code without a name (e/e.so)", 0.6),
        ("write (loaders/a.py)", 0.3),
        ("_PyEval (libpython3.11.so)", 0.1),
    ]
    assert profile.total == [("write (loaders/a.py)", 0.9), ("copy (slicing.c)", 0.6)]


def test_a_profile_has_the_leading_functions_only() -> None:
    profile = read_stacks("loader", [f"f{place} (a.py) {place + 1}" for place in range(2 * TOP)])
    assert [name for name, _ in profile.own] == [f"f{2 * TOP - 1 - n} (a.py)" for n in range(TOP)]


async def test_a_spy_that_may_not_look_says_why(tmp_path: Path) -> None:
    refused = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "raise SystemExit('permission denied')",
        stderr=asyncio.subprocess.PIPE,
    )
    await refused.wait()
    with pytest.raises(NotInstalledError, match="saw nothing of loader: permission denied"):
        await Spy("loader", refused, tmp_path / "stacks").profile()
