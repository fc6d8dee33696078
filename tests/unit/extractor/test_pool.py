"""Groups are parsed in processes of their own, and one that dies is noticed."""

import os
import signal

import pytest

from common.entities import Entity
from common.errors import WaxlineError
from extractor.parsing import parse
from extractor.pool import ParsePool, open_pool
from tests.unit.extractor.groups import group_of, record

GROUP = group_of(Entity.LABEL, [record(Entity.LABEL, 1), record(Entity.LABEL, 2, "<bad>")])


def process_ids(pool: ParsePool) -> list[int]:
    """Return the ids of the pool's processes."""
    return list(pool._executor._processes)  # type: ignore[attr-defined]


async def test_a_group_comes_back_as_parsed_here() -> None:
    async with open_pool(1) as pool:
        assert await pool.parse(GROUP) == parse(GROUP)
        (process,) = process_ids(pool)
        assert process != os.getpid()


async def test_a_process_that_dies_is_an_error() -> None:
    async with open_pool(1) as pool:
        await pool.parse(GROUP)
        os.kill(process_ids(pool)[0], signal.SIGKILL)
        with pytest.raises(WaxlineError, match="a parse process died"):
            await pool.parse(GROUP)
