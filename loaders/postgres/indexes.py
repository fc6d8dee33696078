"""Builds, once per entity, what a first load goes without: keys, indexes, statistics."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

import asyncpg
import structlog

from common.entities import Entity
from common.errors import WaxlineError
from common.postgres.database import Database, Session
from common.records.tables import TABLES
from loaders.postgres.schema import identify_rows
from loaders.postgres.search import SearchTables
from loaders.postgres.sql import Statements
from loaders.postgres.table_statements import TableStatements

BUILD_SECONDS = 6 * 3600.0
"""Deadline of one index: the largest child table of the catalogue has 200 million rows."""

_POLL_SECONDS = 0.5

_DOUBTS = 3
"""Looks in a row that find no work in a session before its answer is given up."""

_OWN_ID = "SELECT pg_backend_pid()"  # what the driver has been told may be a pooler's

_log = structlog.get_logger(__name__)


async def is_prepared(session: Session, sql: Statements, entity: Entity) -> bool:
    """Tell whether an entity's indexes are there."""
    prepared: bool = await session.fetchval(sql("is_prepared", entity))
    return prepared


async def wait_for_builders(database: Database, sql: Statements, entity: Entity) -> bool:
    """Wait for as long as any session builds an entity's indexes; tell whether one did."""
    async with database.session() as session:
        if await session.fetchval(sql("builders_are_gone", entity)):
            return False
        await _until(session, sql("builders_are_gone", entity), entity)
        return True


class Preparation:
    """Builds what an entity lacks, several at a time, each in a transaction of its own.

    A second loader waits for the first, however long that takes, and a killed one's sessions may
    have to end a build; what they have built stays.
    """

    def __init__(self, database: Database, sql: Statements, entity: Entity) -> None:
        self._database = database
        self._sql = sql
        self._blocks = Statements("indexes.sql")
        self._tables = TableStatements(entity)
        self._search = SearchTables()
        self._entity = entity

    async def run(self, sessions: int) -> None:
        """Build in this many sessions, unless it is done."""
        async with self._database.session() as first:
            await _until(first, self._sql("try_prepare", self._entity), self._entity)
            if await is_prepared(first, self._sql, self._entity):
                return
            await _until(first, self._sql("builders_are_gone", self._entity), self._entity)
            # ANALYZE would wait for the locks of the builds, and a wait has its limit.
            for statements in (await self._builds(first), self._statistics()):
                await self._run_all(first, sessions - 1, statements)
            await identify_rows(first, self._sql)
            await first.execute(self._sql("set_prepared", self._entity))

    async def _builds(self, session: Session) -> list[str]:
        """Return what is to be built, first what takes longest: nobody is left alone with that."""
        trigrams = await _has_trigrams(session, self._sql)
        return [
            *await self._search.to_fill(session, self._entity, trigrams=trigrams),
            *(self._blocks.each(f"{self._entity}_trigrams") if trigrams else ()),
            *self._tables.keys(),
            *self._blocks.each(self._entity.value),
        ]

    def _statistics(self) -> list[str]:
        return [*self._tables.statistics(), *self._search.statistics(self._entity)]

    async def _run_all(self, first: Session, others: int, statements: Sequence[str]) -> None:
        waiting = deque(statements)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._work_off(first, waiting))
                for _ in range(others):
                    tasks.create_task(self._help(waiting))
        except BaseExceptionGroup as failures:  # its callers retry errors of ours, not groups
            raise failures.exceptions[0] from failures

    async def _help(self, waiting: deque[str]) -> None:
        async with self._database.session() as session:
            await self._work_off(session, waiting)

    async def _work_off(self, session: Session, waiting: deque[str]) -> None:
        await session.execute(self._sql("join_builders", self._entity))
        await session.execute(self._sql("settings_to_prepare"))
        await session.execute(self._sql("find_trigrams"))
        watching = asyncio.create_task(self._watch(session, await session.fetchval(_OWN_ID)))
        try:
            while waiting:
                await self._run(session, waiting.popleft())
        finally:
            watching.cancel()

    async def _watch(self, session: Session, process: int) -> None:
        """Close a session whose server does nothing for it any more.

        An answer lost on its way would be waited for as long as the largest index may take.
        """
        doubts = 0
        while doubts < _DOUBTS:
            await asyncio.sleep(self._database.patience)
            doubts = 0 if await self._is_at_work(process) else doubts + 1
        _log.warning("postgres_answer_lost", entity=self._entity.value, process=process)
        session.terminate()

    async def _is_at_work(self, process: int) -> bool:
        try:
            async with self._database.session() as other:
                return bool(await other.fetchval(self._sql("is_at_work"), process))
        except WaxlineError:
            return False

    async def _run(self, session: Session, statement: str) -> None:
        started = time.monotonic()
        try:
            await session.execute(statement, timeout=BUILD_SECONDS)
        except asyncpg.UniqueViolationError as error:
            await self._remove_doubles(session, str(error.table_name))
            await session.execute(statement, timeout=BUILD_SECONDS)
        _log.info(
            "postgres_prepared",
            entity=self._entity.value,
            statement=" ".join(statement.split())[:120],
            seconds=round(time.monotonic() - started, 1),
        )

    async def _remove_doubles(self, session: Session, table: str) -> None:
        """Take out what a key forbids: a row was deleted by hand, and its record loaded again."""
        _log.warning("postgres_rows_doubled", table=table)
        columns = TABLES[self._entity][table]
        statement = self._sql.of_table("remove_doubles", table, columns, self._entity)
        await session.execute(statement, timeout=BUILD_SECONDS)


async def _until(session: Session, question: str, entity: Entity) -> None:
    """Ask until the answer is yes.

    To wait in the server would end at the time limit of locks; and who is waited for may be at
    work for hours, or be the session of a loader that is gone.
    """
    said = False
    while not await session.fetchval(question):
        if not said:
            _log.info("postgres_waits_for_indexes", entity=entity.value)
            said = True
        await asyncio.sleep(_POLL_SECONDS)


async def _has_trigrams(session: Session, sql: Statements) -> bool:
    """Have pg_trgm where it can be used, or say why not."""
    try:
        await session.execute(sql("create_trigrams"))
    except (
        asyncpg.FeatureNotSupportedError,
        asyncpg.InsufficientPrivilegeError,
        asyncpg.InvalidSchemaNameError,
        asyncpg.UndefinedFileError,
    ) as error:
        _log.warning("postgres_no_trigrams", reason=str(error))
        return False
    unusable = await session.fetchval(sql("unusable_trigrams"))
    if unusable:
        reason = f"no right to use the schema {unusable}, which pg_trgm is in"
        _log.warning("postgres_no_trigrams", reason=reason)
    return not unusable
