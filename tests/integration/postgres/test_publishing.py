"""A database whose tables are published: for logical replicas, for Debezium."""

from collections.abc import Iterator
from typing import Any

import pytest
import tenacity

from common.entities import Entity
from common.records.tables import TABLES
from loaders.postgres import PostgresSink
from loaders.sink import Rejection, Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import ALL, RELEASE, ask, headers, opened, record, write
from tests.servers import DistributionPostgres, started

DEADLINE = 60.0
ROWS = """
    SELECT count(*)::text || ' ' || coalesce(md5(string_agg(row::text, '|' ORDER BY row::text)), '')
    FROM discogs.{table} AS row
"""


async def publish(url: str) -> None:
    async with connected(url) as connection:
        await connection.execute("CREATE PUBLICATION everything FOR ALL TABLES")


async def two_months(sink: PostgresSink, entity: Entity) -> None:
    """Load, change and delete records, as a loader does."""
    first = [record(number, number, FULL[entity]) for number in (1, 2, 3)]
    assert await write(sink, *first, entity=entity) == Written(loaded=3)
    await sink.bookkeeping.store_range(headers(entity), ALL)
    await sink.content.prepare(entity)
    refused = [Rejection(9, 90, "odd")]
    await sink.content.write(headers(entity), [], refused)
    other: Any = {name: value for name, value in FULL[entity].items() if name != "images"}
    changed = [record(1, 10, {}), record(2, 20, other), record(4, 4, other), record(9, 9, other)]
    assert await write(sink, *changed, entity=entity, run=2) == Written(loaded=4)
    assert await sink.content.distrust(headers(entity, run=2), [4]) == 1
    assert await sink.content.delete(headers(entity, run=2), [3]) == 1


@pytest.mark.parametrize("entity", list(Entity))
async def test_all_tables_may_be_published_from_the_first_load_on(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await publish(postgres_url)
    await two_months(sink, entity)


async def test_a_database_of_an_earlier_waxline_may_be_published_once_a_loader_has_started(
    postgres_url: str,
) -> None:
    tables = [table for table in TABLES[RELEASE] if table != RELEASE]
    async with opened(postgres_url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        await sink.content.prepare(RELEASE)
        for table in tables:
            await ask(postgres_url, f"ALTER TABLE discogs.{table} REPLICA IDENTITY DEFAULT")
        chosen = "ALTER TABLE discogs.release_genre REPLICA IDENTITY FULL"
        await ask(postgres_url, chosen)
    await publish(postgres_url)
    async with opened(postgres_url) as sink:
        assert await write(sink, record(1, 11, {})) == Written(loaded=1)
    query = """
        SELECT relreplident::text FROM pg_class
        WHERE relnamespace = 'discogs'::regnamespace AND relname = $1
    """
    assert await ask(postgres_url, query, "release_track") == "i"
    assert await ask(postgres_url, query, "release_genre") == "f", "what people chose stays"


@pytest.fixture
def logical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a server that writes the log that logical replication needs."""
    settings = {"wal_level": "logical", "max_wal_senders": "4", "max_replication_slots": "4"}
    server = DistributionPostgres("postgres", tmp_path_factory.mktemp("logical"), settings)
    with started(server):
        yield str(server.url())


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(AssertionError),
    wait=tenacity.wait_fixed(0.05),
    stop=tenacity.stop_after_delay(DEADLINE),
    reraise=True,
)
async def until_equal(url: str, replica: str) -> None:
    for tables in TABLES.values():
        for table in tables:
            query = ROWS.format(table=table)
            assert await ask(replica, query) == await ask(url, query), table


async def test_a_logical_replica_follows_the_catalogue(logical: str) -> None:
    replica = f"{logical}_replica"
    await ask(logical, "CREATE DATABASE waxline_replica")
    async with opened(replica) as mirror, opened(logical) as sink:
        for entity in Entity:
            await mirror.content.prepare(entity)
        async with connected(logical) as connection, connected(replica) as other:
            await connection.execute("CREATE PUBLICATION records FOR TABLES IN SCHEMA discogs")
            await connection.execute(
                "SELECT pg_create_logical_replication_slot('replica', 'pgoutput')"
            )
            await other.execute(
                f"CREATE SUBSCRIPTION replica CONNECTION '{logical}' PUBLICATION records "
                "WITH (create_slot = false, copy_data = false)"
            )
        for entity in Entity:
            await two_months(sink, entity)
        await until_equal(logical, replica)
        assert await ask(replica, "SELECT count(*) FROM discogs.deletion") == len(Entity)
    async with connected(replica) as other:
        await other.execute("DROP SUBSCRIPTION replica")
