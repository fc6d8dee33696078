"""What each error of PostgreSQL is taken for: passing, of a record, or of the set-up.

Every row is provoked on the real server, and decided where the loader has it decided.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass

import pytest

from common.errors import ServerError, TerminalError, TransientError, WaxlineError
from common.postgres.database import Database
from common.postgres.errors import LockedError
from config.settings import load_settings
from tests.contract.sinks import connected
from tests.deadlock import deadlock
from tests.integration.postgres.writing import assert_taken_for

DEADLINE = 20.0


@dataclass(frozen=True)
class Row:
    """A statement that fails, its SQLSTATE, and what makes it fail."""

    state: str
    taken_for: type[WaxlineError]
    statement: str
    first: tuple[str, ...] = ()
    parameters: tuple[object, ...] = ()


TABLE = "CREATE TABLE t (a int PRIMARY KEY, b varchar(2) NOT NULL CHECK (b <> 'no'), c text);"
OTHERS = (TABLE, "INSERT INTO t VALUES (1, 'x'); CREATE TABLE of_mine (a int REFERENCES t)")
OURS = (
    "CREATE SCHEMA discogs",
    "CREATE TABLE discogs.artist (id int PRIMARY KEY)",
    "INSERT INTO discogs.artist VALUES (1)",
)
TRIGGER = (
    TABLE,
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE 'not on Fridays'; END $$",
    "CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
)
ROWS = {
    "a number out of range": Row("22003", TerminalError, "SELECT 99999999999::text::int"),
    "a NUL": Row("22021", TerminalError, "SELECT $1::text", parameters=("a\0b",)),
    "no number": Row("22P02", TerminalError, "SELECT 'x'::int"),
    "no date": Row("22007", TerminalError, "SELECT 'x'::date"),
    "a NUL in JSON": Row("22P05", TerminalError, r"""SELECT '{"a": "\u0000"}'::jsonb"""),
    "too long for its column": Row(
        "22001", TerminalError, "INSERT INTO t VALUES (1, 'abc')", (TABLE,)
    ),
    "nothing where something has to be": Row(
        "23502", TerminalError, "INSERT INTO t VALUES (1, NULL)", (TABLE,)
    ),
    "a reference to nothing": Row("23503", TerminalError, "INSERT INTO of_mine VALUES (2)", OTHERS),
    "a row that somebody refers to": Row(
        "23503",
        TerminalError,
        "DELETE FROM t",
        (*OTHERS, "INSERT INTO of_mine VALUES (1)"),
    ),
    "somebody's key": Row("23505", TerminalError, "INSERT INTO t VALUES (1, 'y')", OTHERS),
    "somebody's rule": Row("23514", TerminalError, "INSERT INTO t VALUES (2, 'no')", OTHERS),
    "somebody's view": Row(
        "44000",
        TerminalError,
        "INSERT INTO v VALUES (-1, 'x')",
        (TABLE, "CREATE VIEW v AS SELECT * FROM t WHERE a > 0 WITH CHECK OPTION"),
    ),
    "somebody's trigger": Row("P0001", TerminalError, "INSERT INTO t VALUES (1, 'x')", TRIGGER),
    "too long for an index": Row(
        "54000",
        TerminalError,
        "INSERT INTO t SELECT 1, 'x', string_agg(md5(n::text), '') FROM generate_series(1, 999) n",
        (TABLE, "CREATE INDEX ON t (c)"),
    ),
    "our own key, overtaken": Row(
        "23505", TransientError, "INSERT INTO discogs.artist VALUES (1)", OURS
    ),
    "a standby, or one told to be read-only": Row(
        "25006", TransientError, "SET TRANSACTION READ ONLY; CREATE TABLE u ()"
    ),
    "out of time": Row("57014", TransientError, "SELECT pg_sleep(60)"),
    "more temporary files than it may have": Row(
        "53400",
        TransientError,
        "SET temp_file_limit = 0; SET work_mem = '64kB';"
        "CREATE TABLE u AS SELECT n FROM generate_series(1, 99999) n ORDER BY md5(n::text)",
    ),
    "somebody has changed a table": Row(
        "0A000",
        TransientError,
        "SELECT * FROM t",
        (TABLE,),
    ),
    "a table that is not there": Row("42P01", ServerError, "SELECT * FROM not_there"),
    "a column that is not there": Row("42703", ServerError, "SELECT d FROM t", (TABLE,)),
    "a function that is not there": Row("42883", ServerError, "SELECT not_there()"),
    "a schema that is not there": Row("3F000", ServerError, "CREATE TABLE not_there.t ()"),
    "no right": Row(
        "42501",
        ServerError,
        "SET LOCAL ROLE pg_monitor; SELECT * FROM t",
        (TABLE,),
    ),
    "bad SQL": Row("42601", ServerError, "SELEC 1"),
}


@pytest.fixture
def postgres_template() -> str:
    """Begin with an empty database: the errors need a table of their own."""
    return "template1"


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """The loader's sessions, with a deadline that is short for a statement."""
    database = Database(
        load_settings(postgres_url=postgres_url, postgres_timeout=2).server("postgres"), sessions=4
    )
    await database.open()
    yield database
    await database.close()


async def failure(work: Coroutine[None, None, None]) -> WaxlineError:
    """Return how something fails."""
    with pytest.raises(WaxlineError) as caught:
        await work
    return caught.value


async def do(url: str, *statements: str) -> None:
    """Do something beside the loader."""
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement)


@pytest.mark.parametrize("name", [name for name in ROWS if name != "somebody has changed a table"])
async def test_an_error_is_taken_for_what_it_is(
    database: Database, postgres_url: str, name: str
) -> None:
    row = ROWS[name]
    await do(postgres_url, *row.first)
    with pytest.raises(WaxlineError) as caught:
        async with database.transaction() as session:
            await session.execute(row.statement, *row.parameters)
    assert_taken_for(caught.value, row.taken_for, row.state)


async def test_a_statement_whose_table_has_changed_is_done_again(
    database: Database, postgres_url: str
) -> None:
    row = ROWS["somebody has changed a table"]
    await do(postgres_url, *row.first)
    async with database.session() as session:
        await session.fetch(row.statement)
    await do(postgres_url, "ALTER TABLE t ADD COLUMN d int")
    with pytest.raises(WaxlineError) as caught:
        async with database.transaction() as session:
            await session.fetch(row.statement)
    assert_taken_for(caught.value, row.taken_for, row.state)


async def test_a_lock_that_is_not_to_be_had(database: Database, postgres_url: str) -> None:
    await do(postgres_url, TABLE)
    async with connected(postgres_url) as holder, holder.transaction():
        await holder.execute("LOCK TABLE t")
        with pytest.raises(WaxlineError) as caught:
            async with database.transaction() as session:
                await session.execute("SELECT * FROM t")
    assert_taken_for(caught.value, LockedError, "55P03")


async def test_of_two_that_wait_for_each_other_one_passes(
    postgres_url: str,
) -> None:
    await do(postgres_url, *OTHERS, "INSERT INTO t VALUES (2, 'y')")
    database = Database(
        load_settings(postgres_url=postgres_url, postgres_timeout=60).server("postgres"), sessions=4
    )
    await database.open()
    try:
        ends = await deadlock(
            database.transaction,
            lambda session, i: session.execute("UPDATE t SET c = '' WHERE a = $1", i),
        )
    finally:
        await database.close()
    (error,) = ends
    assert_taken_for(error, TransientError, "40P01")


async def test_two_that_cannot_be_one_after_the_other(
    database: Database, postgres_url: str
) -> None:
    await do(postgres_url, *OTHERS)

    async def write() -> None:
        async with database.transaction() as session:
            await session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await session.execute("SELECT * FROM t")
            await do(postgres_url, "UPDATE t SET c = 'theirs'")
            await session.execute("UPDATE t SET c = 'ours'")

    assert_taken_for(await failure(write()), TransientError, "40001")


async def test_a_session_that_somebody_ends(database: Database, postgres_url: str) -> None:
    async def wait() -> None:
        async with database.transaction() as session:
            number = await session.fetchval("SELECT pg_backend_pid()")
            waiting = asyncio.create_task(session.execute("SELECT pg_sleep(60)"))
            await do(postgres_url, f"SELECT pg_terminate_backend({number}, 10000)")
            await waiting

    error = await failure(wait())
    assert type(error) is TransientError
    assert "terminating connection due to administrator command" in str(error)


async def test_a_transaction_idle_for_too_long(database: Database, postgres_url: str) -> None:
    async def idle() -> None:
        async with database.transaction() as session:
            await session.execute("SET idle_in_transaction_session_timeout = 1")
            number = await session.fetchval("SELECT pg_backend_pid()")
            async with asyncio.timeout(DEADLINE):
                while await _is_there(postgres_url, number):
                    continue
            await session.execute("SELECT 1")

    assert type(await failure(idle())) is TransientError


async def _is_there(url: str, number: int) -> bool:
    async with connected(url) as connection:
        query = "SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = $1"
        return bool(await connection.fetchval(query, number))
