"""A database that cannot hold the catalogue says so before the first record, in one sentence."""

from collections.abc import AsyncIterator

import pytest

from common.errors import ServerError, TerminalError
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.test_schema import restricted
from tests.integration.postgres.writing import RELEASE, index_names, opened, record, write

FORBID = """
    CREATE FUNCTION public.forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'no changes on Fridays';
    END $$;
    CREATE EVENT TRIGGER forbid_{name} ON ddl_command_start EXECUTE FUNCTION public.forbid();
"""


@pytest.fixture
def postgres_template() -> str:
    """Begin with an empty database: its schema is what is tested."""
    return "template1"


async def do(url: str, statements: str) -> None:
    async with connected(url) as connection:
        await connection.execute(statements)


async def refused(url: str) -> str:
    """Return why a sink does not open."""
    with pytest.raises(ServerError) as caught:
        async with opened(url):
            pytest.fail("it opened")
    assert not isinstance(caught.value, TerminalError)
    assert caught.value.exit_code == 4
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
async def odd_url(postgres_url: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """URL of a database with another encoding."""
    name = f"{postgres_url.rpartition('/')[2]}_odd"
    await do(
        postgres_url,
        f"CREATE DATABASE {name} ENCODING '{request.param}' LOCALE_PROVIDER libc LOCALE 'C' "
        "TEMPLATE template0",
    )
    yield f"{postgres_url}_odd"
    await do(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


async def test_another_encoding(odd_url: str) -> None:
    assert "ENCODING 'UTF8'" in await refused(odd_url)


async def test_read_only_transactions(postgres_url: str) -> None:
    name = postgres_url.rpartition("/")[2]
    await do(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "default_transaction_read_only" in await refused(postgres_url)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (
            "ALTER TABLE discogs.release ADD COLUMN shelf text NOT NULL",
            "a column discogs.release.shelf that must not be NULL and has no default",
        ),
        (
            "ALTER TABLE discogs.release_track ADD COLUMN played integer NOT NULL",
            "a column discogs.release_track.played that must not be NULL",
        ),
        ("ALTER TABLE discogs.label DROP COLUMN profile", "no column discogs.label.profile"),
        (
            "ALTER TABLE discogs.master ALTER COLUMN year TYPE bigint",
            "a column discogs.master.year of type bigint, not integer",
        ),
        ("DROP TABLE discogs.artist_url", "no table discogs.artist_url"),
        (
            "ALTER TABLE discogs.change ADD COLUMN who text NOT NULL",
            "a column discogs.change.who that must not be NULL and has no default",
        ),
        (
            "ALTER TABLE discogs.change ALTER COLUMN ids TYPE bigint[]",
            "a column discogs.change.ids of type bigint[], not integer[]",
        ),
        (
            "CREATE PUBLICATION everything FOR ALL TABLES;"
            "ALTER TABLE discogs.artist REPLICA IDENTITY NOTHING",
            "publishes changes of discogs.artist (everything)",
        ),
    ],
)
async def test_tables_that_people_have_changed(postgres_url: str, done: str, said: str) -> None:
    async with opened(postgres_url):
        pass
    await do(postgres_url, done)
    assert said in await refused(postgres_url)


async def test_what_people_may_add_is_none_of_our_business(postgres_url: str) -> None:
    async with opened(postgres_url):
        pass
    await do(
        postgres_url,
        "ALTER TABLE discogs.release ADD COLUMN shelf text NOT NULL DEFAULT 'A',"
        "ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY,"
        "ADD COLUMN decade integer GENERATED ALWAYS AS (year / 10) STORED,"
        "ALTER COLUMN country TYPE varchar(100);"
        "CREATE PUBLICATION everything FOR ALL TABLES;"
        "CREATE TABLE discogs.my_own (id integer NOT NULL)",
    )
    async with opened(postgres_url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        await write(sink, record(1, 11, {}))


@pytest.mark.parametrize("made", [False, True], ids=["an empty database", "a database in use"])
async def test_an_event_trigger_that_forbids_changes(postgres_url: str, made: bool) -> None:
    if made:
        async with opened(postgres_url):
            pass
    name = postgres_url.rpartition("/")[2]
    await do(postgres_url, FORBID.format(name=name))
    assert "no changes on Fridays" in await refused(postgres_url)


PREPARED = """
    INSERT INTO waxline.prepared SELECT unnest(ARRAY['artist', 'label', 'master', 'release'])
"""
GRANTS = (
    "GRANT USAGE ON SCHEMA discogs, waxline TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA discogs, waxline TO {role}",
)


@pytest.mark.parametrize(
    ("grants", "said"),
    [
        ((), "permission denied"),
        (GRANTS[:1], "permission denied"),
        (GRANTS, "lets only the owner of"),
        (
            (*GRANTS, "REVOKE DELETE ON discogs.release_genre FROM {role}"),
            "delete discogs.release_g",
        ),
        ((*GRANTS, "REVOKE INSERT ON discogs.change FROM {role}"), "insert discogs.change"),
        (
            (
                *GRANTS,
                "ALTER TABLE discogs.release ENABLE ROW LEVEL SECURITY",
                PREPARED,
            ),
            "row security on discogs.release",
        ),
    ],
)
async def test_rights_that_are_missing(
    postgres_url: str, grants: tuple[str, ...], said: str
) -> None:
    async with opened(postgres_url):
        pass
    async with restricted(postgres_url, *grants) as url:
        assert said in await refused(url)


async def test_a_role_with_rights_on_another_s_tables_will_do_once_they_are_prepared(
    postgres_url: str,
) -> None:
    async with opened(postgres_url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
    await do(postgres_url, PREPARED)
    async with restricted(postgres_url, *GRANTS) as url, opened(url) as sink:
        await write(sink, record(1, 11, {}), record(2, 20, FULL[RELEASE]))


@pytest.mark.parametrize(
    "done",
    [
        "DROP SCHEMA public",
        "CREATE SCHEMA hidden; CREATE EXTENSION pg_trgm SCHEMA hidden",
        "ALTER DATABASE {name} SET search_path = ''",
    ],
    ids=["no schema public", "in a schema without rights", "no search path"],
)
async def test_without_trigrams_to_be_had_their_indexes_are_left_out(
    postgres_url: str, done: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    await do(postgres_url, done.format(name=name))
    grants = (
        f"GRANT CREATE ON DATABASE {name} TO {{role}}",
        *(f"CREATE SCHEMA {schema} AUTHORIZATION {{role}}" for schema in ("discogs", "waxline")),
    )
    async with restricted(postgres_url, *grants) as url, opened(url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        await sink.content.prepare(RELEASE)
        names = await index_names(postgres_url)
    assert "release_title_prefix" in names
    assert "release_title_trigrams" not in names
