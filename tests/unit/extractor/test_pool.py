"""Groups are parsed in processes of their own, and one that dies is noticed."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from common.entities import Entity
from common.errors import WaxlineError
from extractor.parsing.groups import parse
from extractor.parsing.pool import ParseProcesses, open_pool
from extractor.parsing.process import HEAD, MODULE, PYTHON
from tests.unit.extractor.groups import group_of, record

PARENT = """
import asyncio
import psutil
from common.entities import Entity
from extractor.parsing.pool import open_pool
from tests.unit.extractor.groups import group_of, record

async def main():
    async with open_pool(1) as pool:
        await pool.parse(group_of(Entity.LABEL, [record(Entity.LABEL, 1)]))
        print(psutil.Process().children()[0].pid, flush=True)
        await asyncio.to_thread(input)

if __name__ == "__main__":
    asyncio.run(main())
"""
"""Tells the id of its parse process, which has parsed a group, and waits for a line."""

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}

DEADLINE = 30.0

GROUP = group_of(Entity.LABEL, [record(Entity.LABEL, 1), record(Entity.LABEL, 2, "<bad>")])


def process_ids() -> list[int]:
    """Return the ids of the pool's processes; other tests may have left some that have ended."""
    children = psutil.Process().children()
    living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child.pid for child in living if MODULE in child.cmdline()]


async def test_a_group_comes_back_as_parsed_here() -> None:
    async with open_pool(1) as pool:
        assert await pool.parse(GROUP) == parse(GROUP)
        (process,) = process_ids()
        assert process != os.getpid()


async def test_without_a_group_there_is_no_process() -> None:
    async with open_pool(2):
        assert process_ids() == []


async def test_each_gets_the_answer_to_its_own_group() -> None:
    groups = [group_of(Entity.LABEL, [record(Entity.LABEL, n)] * n) for n in range(1, 40)]
    async with open_pool(2) as pool:
        asked = [asyncio.create_task(pool.parse(group)) for group in groups]
        await asyncio.sleep(0)
        asked[3].cancel()
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers.pop(3), asyncio.CancelledError)
    assert answers == [parse(group) for group in groups[:3] + groups[4:]]


async def test_all_processes_have_work() -> None:
    async with open_pool(2) as pool:
        await asyncio.gather(*(pool.parse(GROUP) for _ in range(30)))
        ids = process_ids()
        before = [psutil.Process(process).cpu_times().user for process in ids]
        many = group_of(Entity.LABEL, [record(Entity.LABEL, n) for n in range(1, 2_000)])
        await asyncio.gather(*(pool.parse(many) for _ in range(12)))
        after = [psutil.Process(process).cpu_times().user for process in ids]
    assert all(late > early for early, late in zip(before, after, strict=True))


async def test_a_process_that_dies_is_an_error() -> None:
    async with open_pool(1) as pool:
        await pool.parse(GROUP)
        (process,) = process_ids()
        os.kill(process, signal.SIGSTOP)
        asked = asyncio.create_task(pool.parse(GROUP))
        await asyncio.sleep(0)
        os.kill(process, signal.SIGKILL)
        for answer in (asked, pool.parse(GROUP)):
            with pytest.raises(WaxlineError, match="a parse process died"):
                await answer


def out_of_memory() -> object:
    raise MemoryError


class Unreadable:
    """Whoever unpickles it has no memory for it."""

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return out_of_memory, ()


async def test_an_answer_that_cannot_be_read_is_an_error_too() -> None:
    pool = ParseProcesses(1, PYTHON)
    await pool.parse(GROUP)
    (process,) = pool._processes
    asked = asyncio.create_task(pool.parse(GROUP))
    await asyncio.sleep(0)
    answer = pickle.dumps(Unreadable())
    process._reader.feed_data(HEAD.pack(len(answer)) + answer)
    with pytest.raises(WaxlineError, match="a parse process died"):
        await asked
    pool.end()


def test_modules_are_not_looked_for_where_we_happen_to_be(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "pickle.py").write_text("raise SystemExit('no')", encoding="utf-8")
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", script],
        input=b"\n",
        capture_output=True,
        check=True,
        cwd=tmp_path / "here",
        env=ENVIRONMENT,
    )
    assert int(done.stdout)


async def test_the_processes_end_by_themselves_with_the_pool() -> None:
    pool = ParseProcesses(2, PYTHON)
    asked = [asyncio.create_task(pool.parse(GROUP)) for _ in range(20)]
    await asked[0]
    started = [one._process for one in pool._processes]
    pool.end()
    assert [process.returncode for process in started] == [0, 0]
    await asyncio.gather(*asked, return_exceptions=True)


def test_a_process_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=DEADLINE)[0] == [child]
