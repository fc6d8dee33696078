"""Makes the schema where it is missing, and refuses one that another version made."""

from collections.abc import Mapping, Sequence

import asyncpg

from common.entities import Entity
from common.errors import ServerError, TerminalError
from common.postgres.database import Database, Session
from common.verdicts import other_namespace
from loaders.postgres.search import make_search
from loaders.postgres.sql import Statements, read
from loaders.postgres.table_statements import TableStatements

VERSION = 1
"""Version of the schema; a new one makes a new identity, so everything is sent once."""

_ADDED = (
    "schema_history.sql",
    "schema_deletion.sql",
    "schema_change.sql",
    "schema_state.sql",
)
"""What came later, in a new database."""

_UPGRADES: Mapping[str, Sequence[str]] = {
    "waxline.history": ("schema_history.sql", "schema_deletion.sql", "upgrade_history.sql"),
    "discogs.change": ("schema_change.sql", "upgrade_change.sql", "schema_state.sql"),
}
"""The same for a database of an earlier waxline, in their order: a table that it lacks, and what
adds that with all that came together with it.  None of it changes the identity."""


async def make(database: Database, sql: Statements, namespace: str, *, document: bool) -> None:
    """Make or check the schema; raise `ServerError` when it cannot be what it has to be."""
    try:
        async with database.transaction() as session:
            await _ensure(session, sql, namespace, document=document)
    except TerminalError as error:  # of an event trigger
        raise ServerError(f"the PostgreSQL schema cannot be made: {error}") from error
    async with database.session() as session:
        await identify_rows(session, sql)


async def _ensure(session: Session, sql: Statements, namespace: str, *, document: bool) -> None:
    await session.execute(sql("lock_schema"))
    if not await session.fetchval(sql("has_schema")):
        await _create(session, sql, namespace, document=document)
    await _upgrade(session, sql)
    await check(session, sql, namespace)


async def identify_rows(session: Session, sql: Statements) -> None:
    """Give the child tables whose keys are built a replica identity, where they have none.

    Each in a transaction of its own: it waits for those who are at work on the table.
    """
    for row in await session.fetch(sql("without_identity")):
        await session.execute(row["change"])


async def check(session: Session, sql: Statements, namespace: str) -> bool | None:
    """Return whether rows have their documents, None while that is being changed.

    Raises `ServerError` for another version, and for what another pipeline loads.
    """
    held = await session.fetchrow(sql("sink"))
    if held is None or held["version"] != VERSION:
        version = held and held["version"]
        raise ServerError(
            f"the PostgreSQL schema is of version {version}, this waxline needs {VERSION}: "
            "load into a new database, or drop the schemas discogs and waxline"
        )
    if reason := other_namespace(held["namespace"], namespace):
        raise ServerError(f"the PostgreSQL database {reason}")
    document: bool | None = held["document"]
    return document


async def identity(session: Session, sql: Statements) -> str:
    """Return the identity of the database and of how it is laid out."""
    held = await session.fetchrow(sql("sink"))
    if held is None:
        raise ServerError("the PostgreSQL schema has lost its identity (table waxline.sink)")
    layout = f"{held['identity']}:{held['version']}"
    return f"{layout}:document" if held["document"] else layout


async def _create(session: Session, sql: Statements, namespace: str, *, document: bool) -> None:
    try:
        for row in await session.fetch(sql("missing_namespaces")):
            await session.execute(f"CREATE SCHEMA {row['name']}")
        await session.execute(read("schema_waxline.sql"))
        for entity in Entity:
            await session.execute(TableStatements(entity).create())
        for file in _ADDED:
            await session.execute(read(file))
        for script in make_search():
            await session.execute(script)
    except asyncpg.DuplicateTableError as error:
        raise ServerError(f"the database has tables that waxline did not make: {error}") from error
    await session.execute(sql("create_sink"), VERSION, document, namespace)


async def _upgrade(session: Session, sql: Statements) -> None:
    for row in await session.fetch(sql("missing_relations"), list(_UPGRADES)):
        for file in _UPGRADES[row["name"]]:
            await session.execute(read(file))
    if not await session.fetchval(sql("has_search")):
        for script in (*make_search(), read("upgrade_search.sql")):
            await session.execute(script)
