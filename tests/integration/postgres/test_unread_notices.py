"""A listener that reads nothing fills PostgreSQL's queue of notices: that is no record's fault."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import asyncpg
import pytest

from common.changes import CHANNEL
from common.errors import TransientError
from common.reports import State
from loaders.postgres import PostgresSink
from loaders.sink import Written
from tests.contract.sinks import connected
from tests.integration.postgres.writing import ask, headers, opened, record, write
from tests.isolation import url_of
from tests.servers import ShortLivedPostgres, started
from waxline.servers.state import Endpoint

LONG = "SELECT pg_notify('elsewhere', repeat('x', 7900) || n) FROM generate_series(1, 5) AS n"
SHORT = "SELECT pg_notify('elsewhere', n::text) FROM generate_series(1, 9) AS n"


class SmallQueue(ShortLivedPostgres):
    """PostgreSQL with the smallest queue of notices: half a megabyte, where 8 GB are usual."""

    def settings(self, endpoint: Endpoint) -> dict[str, str]:
        """Make it small."""
        return {**super().settings(endpoint), "max_notify_queue_pages": "64"}


@pytest.fixture
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of such a server."""
    with started(SmallQueue("postgres", tmp_path_factory.mktemp("small"))) as server:
        yield url_of(server)


async def notify(connection: Any, statement: str) -> None:
    """Notify until that fails."""
    while True:
        await connection.execute(statement)


async def add(sink: PostgresSink) -> None:
    """Load records, one a transaction, until that fails."""
    for number in count(2):
        assert await sink.content.write(headers(), [record(number, 1, {})]) == Written(loaded=1)


async def test_a_full_queue_of_notices_passes(small: str) -> None:
    async with opened(small) as sink, connected(small) as listener:
        await write(sink, record(1, 1, {}))
        await sink.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
        await listener.execute(f"LISTEN {CHANNEL}")
        await listener.execute("BEGIN; SELECT 1")
        async with connected(small) as other:
            for statement in (LONG, SHORT):
                with pytest.raises(asyncpg.PostgresError, match="NOTIFY queue"):
                    await notify(other, statement)
        with pytest.raises(TransientError, match="NOTIFY queue"):
            await add(sink)
        await listener.execute("ROLLBACK")
        # PostgreSQL makes room when somebody asks how full it is.
        assert await ask(small, "SELECT pg_notification_queue_usage()") < 1
        assert await sink.content.write(headers(), [record(1, 2, {})]) == Written(loaded=1)
        assert await sink.bookkeeping.rejections(headers().entity) == []
