"""One batch in two transactions at once, as a broker that has lost patience delivers it."""

import asyncio

import pytest
from tenacity import retry, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from common.entities import Entity
from common.errors import TransientError
from common.records import Release
from common.reports import State
from loaders.neo4j.sink import GraphSink
from loaders.sink import Digest, Written
from tests.integration.graph.writing import (
    ALL,
    DEADLINE,
    FULL,
    ask,
    edges,
    headers,
    opened,
    record,
)
from tests.servers import graph_driver

BLOCKED = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"
STUB = "CREATE (:Release {id: 1})"
OLD: Release = {**FULL, "labels": [{"id": 6}], "credits": []}
EDGES = 10
"""Of the record, and that of its style to its genre."""
HOLD = "MATCH (x:Release {id: 1}) SET x.held = true"
TWO_GENRES: Release = {**FULL, "genres": ["Electronic", "Pop"]}
HOLD_PARTS = "MERGE (x:WaxlineDatabase {key: 'parts'}) SET x.held = true"
PARTS = "MATCH (:Style)-[e:PART_OF]->(:Genre) RETURN count(e) AS made"


@pytest.mark.parametrize("first_load", [True, False])
async def test_a_batch_in_two_transactions_at_once_makes_its_edges_once(
    neo4j_url: str, first_load: bool
) -> None:
    async with opened(neo4j_url) as sink:
        await sink.bookkeeping.advance(headers())
        if first_load:
            ask(neo4j_url, STUB)
        else:
            await sink.content.write(headers(), [record(1, OLD, 2)])
            await sink.bookkeeping.declare(headers(), State.COMPLETE, "", 0)
            await sink.bookkeeping.advance(headers(run=2))
        with (
            graph_driver(neo4j_url) as driver,
            driver.session() as session,
            session.begin_transaction(timeout=DEADLINE) as holding,
        ):
            holding.run(HOLD).consume()
            run = 1 if first_load else 2
            writes = [asyncio.create_task(write(sink, run)) for _ in range(2)]
            await until_blocked(neo4j_url, len(writes))
            holding.rollback()
        assert sorted(one.loaded for one in await asyncio.gather(*writes)) == [0, 1]
        assert len(edges(neo4j_url)) == EDGES  # and none of them twice
        assert (await sink.content.digests(Entity.RELEASE, [ALL.span], ()))[0] == Digest(1, 1)


async def test_two_loaders_make_the_edge_of_a_style_once(neo4j_url: str) -> None:
    async with opened(neo4j_url) as one, opened(neo4j_url) as other:
        await one.bookkeeping.advance(headers())
        await one.content.write(headers(), [record(1, TWO_GENRES)])
        with (
            graph_driver(neo4j_url) as driver,
            driver.session() as session,
            session.begin_transaction(timeout=DEADLINE) as holding,
        ):
            holding.run(HOLD_PARTS).consume()
            loaders = enumerate((one, other), start=2)
            writes = [asyncio.create_task(write(sink, 1, number)) for number, sink in loaders]
            await until_blocked(neo4j_url, len(writes))
            holding.rollback()
        assert [made.loaded for made in await asyncio.gather(*writes)] == [1, 1]
        assert await asyncio.to_thread(ask, neo4j_url, PARTS) == [{"made": 1}]


@retry(retry=retry_if_exception_type(TransientError), stop=stop_after_delay(DEADLINE))
async def write(sink: GraphSink, run: int, record_id: int = 1) -> Written:
    return await sink.content.write(headers(run=run), [record(record_id, FULL)])


@retry(
    retry=retry_if_result(lambda there: not there),
    stop=stop_after_delay(DEADLINE),
    wait=wait_fixed(0.05),
)
async def until_blocked(url: str, count: int) -> bool:
    return len(await asyncio.to_thread(ask, url, BLOCKED)) == count
