"""Groups are parsed in processes of their own, and one that dies is noticed."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from common.entities import Entity
from common.errors import WaxlineError
from extractor.parsing.groups import parse
from extractor.parsing.pool import open_pool
from extractor.parsing.process import MODULE
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
        await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""

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


async def test_an_answer_that_cannot_be_read_is_an_error_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def out_of_memory(_: bytes) -> object:
        raise MemoryError

    async with open_pool(1) as pool:
        monkeypatch.setattr(pickle, "loads", out_of_memory)
        with pytest.raises(WaxlineError, match="a parse process died"):
            await pool.parse(GROUP)


async def test_modules_are_not_looked_for_where_we_happen_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [part for part in sys.path if part])
    async with open_pool(1) as pool:
        assert await pool.parse(GROUP) == parse(GROUP)


async def test_the_processes_end_by_themselves_with_the_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    async with open_pool(2) as pool:
        asked = [asyncio.create_task(pool.parse(GROUP)) for _ in range(20)]
        await asked[0]
    assert [process.returncode for process in started] == [0, 0]


def test_a_process_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=DEADLINE)[0] == [child]
