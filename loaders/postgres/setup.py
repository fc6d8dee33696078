"""Finds out, before the first record, what makes a database unable to hold the catalogue."""

from collections.abc import Iterator

import asyncpg

from common.entities import Entity
from common.errors import ServerError, TerminalError
from common.postgres.database import Database, Session
from common.records.tables import table_of
from loaders.postgres.search import SEARCH_COLUMNS
from loaders.postgres.sql import TYPES, Statements

_ASK = "SELECT pg_backend_pid()"
_ROUNDS = 10
_QUESTIONS = 4
_NO_SESSION = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
_POOLED = (
    "is behind a pooler that gives each transaction another session: waxline needs pool_mode = "
    "session, or the server itself"
)


class SetUp:
    """Checks a database; each method raises `ServerError` with one sentence."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = Statements("setup.sql")

    async def check_server(self) -> None:
        """Check what does not depend on the schema: encoding, read-only, sessions."""
        await self._check_sessions()
        async with self._database.session() as session:
            await self._check(session, "server")

    async def check_tables(self) -> None:
        """Check the tables there are: whether they are as they were made, and ours to write."""
        async with self._database.session() as session:
            await self._check(session, "tables", *zip(*_columns(), strict=True))
            prepared = await session.fetchval(self._sql("is_prepared"))
        if not prepared:
            await self._try_to_make()

    async def _check(self, session: Session, name: str, *arguments: object) -> None:
        for row in await session.fetch(self._sql(name), *arguments):
            raise self._unable(row["problem"])

    async def _check_sessions(self) -> None:
        """Find a pooler that does not keep sessions."""
        try:
            async with self._database.session() as one:
                if await one.fetchval(_ASK) == one.get_server_pid():
                    return  # it is the server itself
                async with self._database.session() as other:
                    shared = await _are_shared(one, other)
        except ServerError as error:
            if isinstance(error.__cause__, _NO_SESSION):
                raise self._unable(_POOLED) from error
            raise
        if shared:
            raise self._unable(_POOLED)

    async def _try_to_make(self) -> None:
        """Make a table and take it back."""
        try:
            async with self._database.session() as session:
                await session.execute(self._sql("try_to_make"))
        except TerminalError as error:
            raise self._unable(f"forbids to make tables and indexes: {error}") from error

    def _unable(self, problem: str) -> ServerError:
        return ServerError(f"PostgreSQL at {self._database.server} {problem}")


async def _are_shared(one: Session, other: Session) -> bool:
    """Tell whether sessions change their processes, or one is given that of another.

    Of an idle pool, who asks next is given the same process; in a busy one somebody else may have
    taken it meanwhile, but then who asked before is given another.  To miss both again and again
    is as good as impossible.
    """
    own = await one.fetchval(_ASK)
    for _ in range(_ROUNDS):
        asked = [await one.fetchval(_ASK) for _ in range(_QUESTIONS)]
        await other.execute("BEGIN")
        given = await other.fetchval(_ASK)
        await other.execute("ROLLBACK")
        if given == own or set(asked) != {own}:
            return True
    return False


def _columns() -> Iterator[tuple[str, str, str]]:
    """Yield all columns that are filled: table, name, type."""
    for entity in Entity:
        for table in table_of(entity, document=True).flat():
            for column in table.columns:
                yield table.name, column.name, TYPES[column.kind]
    for name, types in SEARCH_COLUMNS.items():
        for column_name, type_ in types.items():
            yield name, column_name, type_
