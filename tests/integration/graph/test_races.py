"""Graph sinks that write at the same time."""

import asyncio
from typing import Any

import neo4j
import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from common.entities import Entity
from common.errors import RunSupersededError, TransientError
from common.records import Artist
from loaders.neo4j.sink import GraphSink
from loaders.sink import Digest
from tests.integration.graph.writing import (
    ALL,
    DEADLINE,
    FULL,
    edges,
    headers,
    load,
    opened,
    record,
)
from tests.servers import graph_driver


async def test_a_write_that_meets_an_advance_under_way_does_not_get_through(
    sink: GraphSink, graph_url: str
) -> None:
    await load(sink, Entity.RELEASE, {1: FULL})
    with graph_driver(graph_url) as driver:
        session = driver.session(database=graph_url.rpartition("/")[2])
        with session, session.begin_transaction(timeout=DEADLINE) as advance:
            advance.run("MATCH (s:WaxlineRun {entity: 'release'}) SET s.run = 2").consume()
            write = asyncio.create_task(sink.content.write(headers(run=1), [record(2, FULL)]))
            await blocked_or_done(driver, write)
            if not write.done():
                advance.commit()
            # ArcadeDB lets the first that commits win: then the advance is the one to repeat.
            elif write.exception() is None:
                with pytest.raises(neo4j.exceptions.TransientError):
                    advance.commit()
                return
    with pytest.raises((RunSupersededError, TransientError)):
        await write
    assert await sink.content.held(Entity.RELEASE, [(0, 65_536)]) == [1]


async def blocked_or_done(driver: neo4j.Driver, write: "asyncio.Task[Any]") -> None:
    """Wait until the write waits for a lock, or is through."""

    @retry(
        retry=retry_if_result(lambda there: not there),
        stop=stop_after_delay(DEADLINE),
        wait=wait_fixed(0.05),
    )
    async def look() -> bool:
        if write.done():
            return True
        if "ArcadeDB" in driver.get_server_info().agent:
            return False
        states = driver.execute_query("SHOW TRANSACTIONS YIELD status RETURN status")[0]
        return any(row["status"].startswith("Blocked") for row in states)

    await look()


async def test_sessions_that_point_at_each_other_s_records_do_not_deadlock(
    sink: GraphSink, graph_url: str
) -> None:
    await sink.bookkeeping.advance(headers(Entity.ARTIST))
    data: dict[int, Artist] = {
        i: {"aliases": [{"id": (i * 7 + step) % 400 + 1} for step in range(3)]}
        for i in range(1, 401)
    }
    batches = [[record(i, data[i]) for i in range(first, 401, 4)] for first in range(1, 5)]
    todo = iter(batches)

    async def session() -> None:
        for batch in todo:
            await sink.content.write(headers(Entity.ARTIST), batch)

    await asyncio.gather(*(session() for _ in range(sink.sessions)))
    assert (await sink.content.digests(Entity.ARTIST, [ALL.span], ()))[0] == Digest(400, 400)
    assert len(edges(graph_url)) == 1_200


@pytest.mark.parametrize(("server", "sessions"), [("neo4j", 3), ("arcadedb", 1)])
async def test_arcadedb_gets_one_session(
    request: pytest.FixtureRequest, server: str, sessions: int
) -> None:
    async with opened(request.getfixturevalue(f"{server}_url"), graph_sessions=3) as sink:
        assert sink.sessions == sessions
