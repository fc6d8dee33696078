"""PgBouncer in front of PostgreSQL: in session mode all works, in the others it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.errors import ServerError
from loaders.sink import Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import RELEASE, opened, record, write
from tests.poolers import PgBouncer
from tests.servers import started

CROWD = 8
TRIES = 10


async def test_a_pooler_that_keeps_sessions_is_as_good_as_the_server(
    postgres_url: str, tmp_path: Path
) -> None:
    with started(PgBouncer("session", tmp_path, postgres_url)) as pooler:
        async with opened(str(pooler.url())) as sink:
            assert await write(sink, record(1, 10, FULL[RELEASE])) == Written(loaded=1)
            await sink.content.prepare(RELEASE)
            assert await write(sink, record(1, 11, {})) == Written(loaded=1)
            async with sink._database.session() as session:
                assert await session.fetchval("SHOW statement_timeout") == "2min"
                assert await session.fetchval("SHOW lock_timeout") == "30s"


@pytest.mark.parametrize(
    ("mode", "said"),
    [("transaction", "pool_mode = session"), ("statement", "statement pooling mode")],
)
async def test_a_pooler_that_does_not_is_told(
    postgres_url: str, tmp_path: Path, mode: str, said: str
) -> None:
    with started(PgBouncer(mode, tmp_path, postgres_url)) as pooler:
        for _ in range(2):  # the second meets the statements that the first has left behind
            with pytest.raises(ServerError, match=said):
                async with opened(str(pooler.url())):
                    pytest.fail("it opened")


@contextlib.asynccontextmanager
async def crowd(url: str) -> AsyncIterator[None]:
    """Have other people at work with the pool."""

    async def work() -> None:
        async with connected(url) as connection:
            while True:
                await connection.execute("BEGIN; SELECT pg_sleep(0.001)")
                await connection.execute("COMMIT")

    at_work = [asyncio.create_task(work()) for _ in range(CROWD)]
    try:
        yield
    finally:
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


async def test_a_busy_pooler_is_told_as_well(postgres_url: str, tmp_path: Path) -> None:
    with started(PgBouncer("transaction", tmp_path, postgres_url)) as pooler:
        async with crowd(str(pooler.url())):
            for _ in range(TRIES):
                with pytest.raises(ServerError, match="pool_mode = session"):
                    async with opened(str(pooler.url())):
                        pytest.fail("it opened")


async def test_a_busy_pooler_that_keeps_sessions_is_no_harm(
    postgres_url: str, tmp_path: Path
) -> None:
    with started(PgBouncer("session", tmp_path, postgres_url)) as pooler:
        async with crowd(str(pooler.url())), opened(str(pooler.url())) as sink:
            assert await write(sink, record(1, 10, FULL[RELEASE])) == Written(loaded=1)
