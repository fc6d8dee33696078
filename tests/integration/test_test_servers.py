"""The servers the tests run on: each answers, and each test finds it empty."""

import aio_pika
import asyncpg
import pytest
import redis.asyncio

from tests.servers import graph_driver

DEADLINE = 20.0
TWICE = pytest.mark.parametrize("time", ["first", "second"])


@TWICE
async def test_postgres_gives_each_test_a_database_of_its_own(postgres_url: str, time: str) -> None:
    del time
    connection = await asyncpg.connect(postgres_url, timeout=DEADLINE)
    try:
        await connection.execute("CREATE TABLE artist (id integer)")
    finally:
        await connection.close(timeout=DEADLINE)


@TWICE
@pytest.mark.parametrize("bare", ["bare_neo4j_url", "bare_arcadedb_url"])
def test_a_graph_is_bare_for_each_test_that_asks(
    request: pytest.FixtureRequest, bare: str, time: str
) -> None:
    del time
    graph_url = request.getfixturevalue(bare)
    with graph_driver(graph_url) as driver:
        database = graph_url.rpartition("/")[2]
        found, _, _ = driver.execute_query("MATCH (n) RETURN count(n) AS n", database_=database)
        constraints, _, _ = driver.execute_query("SHOW CONSTRAINTS", database_=database)
        for statement in (
            "CREATE CONSTRAINT artist_id FOR (x:Artist) REQUIRE x.id IS UNIQUE",
            "CREATE INDEX artist_name FOR (x:Artist) ON (x.name)",
            "CREATE (:Artist {id: 1, name: 'a'})-[:ALIAS_OF]->(:Artist {id: 2})",
        ):
            driver.execute_query(statement, database_=database)
    assert (found[0]["n"], constraints) == (0, [])


@TWICE
async def test_valkey_is_empty_for_each_test(valkey_url: str, time: str) -> None:
    del time
    async with redis.asyncio.Redis.from_url(valkey_url, socket_timeout=DEADLINE) as client:
        held = await client.dbsize()
        await client.set("key", "value")
    assert held == 0


@TWICE
async def test_rabbitmq_gives_each_test_a_virtual_host_of_its_own(
    rabbitmq_url: str, time: str
) -> None:
    del time
    connection = await aio_pika.connect(rabbitmq_url, timeout=DEADLINE)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("records", durable=True, timeout=DEADLINE)
        held = queue.declaration_result.message_count
        body = aio_pika.Message(b"batch")
        await channel.default_exchange.publish(body, "records", timeout=DEADLINE)
    assert held == 0
