"""The PostgreSQL sink's schema: whose it is, what it says of itself, who may have it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from common.entities import Entity
from common.errors import ServerError
from common.records.tables import TABLES
from config.servers import with_password
from loaders.postgres.search import SEARCH_COLUMNS
from loaders.sink import Rejection, Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import (
    RELEASE,
    ask,
    headers,
    index_names,
    opened,
    record,
    write,
)

UNCOMMENTED = """
    SELECT array_agg(relname || coalesce('.' || attname, '')) FROM (
        SELECT pg_class.oid, relname, NULL AS attname, 0 AS part FROM pg_class
        WHERE relkind IN ('r', 'v') AND relnamespace::regnamespace::text IN ('discogs', 'waxline')
        UNION ALL
        SELECT pg_class.oid, relname, attname, attnum FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        WHERE relkind IN ('r', 'v') AND relnamespace::regnamespace::text IN ('discogs', 'waxline')
    ) AS part_of_schema
    WHERE NOT EXISTS (SELECT FROM pg_description WHERE objoid = oid AND objsubid = part)
"""


@pytest.fixture
def postgres_template() -> str:
    """Begin with an empty database: its schema is what is tested."""
    return "template1"


@pytest.mark.usefixtures("sink")
async def test_the_tables_are_those_that_rows_are_made_for(postgres_url: str) -> None:
    query = """
        SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns
        FROM information_schema.columns WHERE table_schema = 'discogs' GROUP BY table_name
    """
    async with connected(postgres_url) as connection:
        found = {row["table_name"]: set(row["columns"]) for row in await connection.fetch(query)}
    expected = {table: set(columns) for own in TABLES.values() for table, columns in own.items()}
    for entity in Entity:
        expected[entity.value].add("document")
    expected |= {table: set(columns) for table, columns in SEARCH_COLUMNS.items()}
    expected["deletion"] = {"entity", "id", "dump"}
    expected["change"] = {"entity", "sequence", "run", "dump", "ids"}
    expected["state"] = {"entity", "dump", "run", "state", "sequence", "identity"}
    assert found == expected


async def test_a_database_of_an_earlier_waxline_is_given_what_it_lacks(postgres_url: str) -> None:
    async with opened(postgres_url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        identity = await sink.identity()
    async with connected(postgres_url) as connection:
        await connection.execute(
            "DROP VIEW discogs.state;"
            "DROP TABLE waxline.history, discogs.deletion, discogs.change;"
            "ALTER TABLE waxline.run DROP COLUMN sequence;"
            "ALTER TABLE waxline.rejected DROP COLUMN dump, DROP COLUMN record;"
            "ALTER TABLE waxline.sink DROP COLUMN namespace;"
            "INSERT INTO waxline.rejected VALUES ('release', 5, 50, 'NUL', 1)"
        )
    async with opened(postgres_url) as sink:
        assert await sink.identity() == identity
        assert await sink.bookkeeping.rejections(RELEASE) == [Rejection(5, 50, "NUL", run=1)]
        (run,) = await sink.bookkeeping.history(10)
        assert (run.run, run.loaded, run.started) == (1, 1, 0)
        assert await sink.content.delete(headers(), [1]) == 1
        assert await ask(postgres_url, "SELECT id FROM discogs.deletion") == 1
    async with connected(postgres_url) as connection:
        assert await connection.fetchval(UNCOMMENTED) is None


async def test_a_database_that_has_told_nothing_yet_tells_of_all_that_it_holds(
    postgres_url: str,
) -> None:
    async with opened(postgres_url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        await sink.content.prepare(RELEASE)
        await write(sink, record(1, 10, {}), entity=Entity.LABEL)
        identity = await sink.identity()
    async with connected(postgres_url) as connection:
        await connection.execute(
            "DROP VIEW discogs.state; DROP TABLE discogs.change;"
            "ALTER TABLE waxline.run DROP COLUMN sequence;"
        )
    for _ in range(2):
        async with opened(postgres_url) as sink:
            assert await sink.identity() == identity
    async with opened(postgres_url) as sink:
        await write(sink, record(2, 20, {}))
        await write(sink, record(2, 20, {}), entity=Entity.LABEL)
    async with connected(postgres_url) as connection:
        told = await connection.fetch(
            "SELECT entity, sequence, run, dump, ids FROM discogs.change ORDER BY sequence"
        )
        assert [tuple(row) for row in told] == [
            ("release", 1, 1, 20260801, None),
            ("release", 2, 1, 20260801, [2]),
        ]
        assert await connection.fetchval(UNCOMMENTED) is None


@pytest.mark.usefixtures("sink")
async def test_every_table_and_column_has_a_comment(postgres_url: str) -> None:
    assert await ask(postgres_url, UNCOMMENTED) is None


async def test_a_schema_of_another_version_is_refused(postgres_url: str) -> None:
    async with opened(postgres_url):
        await ask(postgres_url, "UPDATE waxline.sink SET version = 999")
    with pytest.raises(ServerError, match="version 999"):
        async with opened(postgres_url):
            pytest.fail("it opened")


async def test_somebody_else_s_tables_are_left_alone(postgres_url: str) -> None:
    await ask(postgres_url, "CREATE SCHEMA discogs")
    await ask(postgres_url, "CREATE TABLE discogs.artist (name text)")
    with pytest.raises(ServerError, match="waxline did not make"):
        async with opened(postgres_url):
            pytest.fail("it opened")
    assert await ask(postgres_url, "SELECT to_regnamespace('waxline')") is None


async def test_commits_reach_the_disk_even_where_the_default_says_otherwise(
    postgres_url: str,
) -> None:
    name = postgres_url.rpartition("/")[2]
    await ask(postgres_url, f"ALTER DATABASE {name} SET synchronous_commit = off")
    async with opened(postgres_url) as sink, sink._database.session() as session:
        assert await session.fetchval("SHOW synchronous_commit") == "on"
        assert await session.fetchval("SHOW application_name") == "waxline"
        assert await session.fetchval("SHOW statement_timeout") == "2min"


@asynccontextmanager
async def restricted(url: str, *grants: str) -> AsyncIterator[str]:
    """Have the URL of a role that may no more than these grants, {role} in them being its name."""
    name = url.rpartition("/")[2]
    role = f"{name}_loader"
    async with connected(url) as connection:
        await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'restricted'")
        for grant in grants:
            await connection.execute(grant.format(role=role))
    try:
        yield with_password(url, "restricted").replace("://waxline:", f"://{role}:")
    finally:
        async with connected(url) as connection:
            await connection.execute(f"DROP OWNED BY {role} CASCADE")
            await connection.execute(f"DROP ROLE {role}")


async def test_a_role_that_owns_two_schemas_is_enough_and_loads_without_trigrams(
    postgres_url: str,
) -> None:
    schemas = [f"CREATE SCHEMA {name} AUTHORIZATION {{role}}" for name in ("discogs", "waxline")]
    async with restricted(postgres_url, *schemas) as url, opened(url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        await sink.content.prepare(RELEASE)
        assert await write(sink, record(1, 11, {})) == Written(loaded=1)
        names = await index_names(postgres_url)
    assert "release_title_prefix" in names
    assert "release_title_trigrams" not in names


async def test_a_role_without_rights_is_told_so(postgres_url: str) -> None:
    async with restricted(postgres_url) as url:
        with pytest.raises(ServerError, match="permission denied"):
            async with opened(url):
                pytest.fail("it opened")
