"""PgBouncer in front of PostgreSQL: in session mode all works, in the others it is told."""

from pathlib import Path

import pytest

from common.errors import ServerError
from loaders.sink import Written
from tests.full_records import FULL
from tests.integration.postgres.writing import RELEASE, opened, record, write
from tests.poolers import PgBouncer
from tests.servers import started


async def test_a_pooler_that_keeps_sessions_is_as_good_as_the_server(
    postgres_url: str, tmp_path: Path
) -> None:
    with started(PgBouncer("session", tmp_path, postgres_url)) as pooler:
        async with opened(str(pooler.url())) as sink:
            assert await write(sink, record(1, 10, FULL[RELEASE])) == Written(loaded=1)
            await sink.prepare(RELEASE)
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
