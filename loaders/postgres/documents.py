"""Turns the keeping of documents on or off: then nothing of the run before is written any more."""

from common.entities import Entity
from common.postgres.database import Database, Session
from common.verdicts import other_options
from loaders.postgres.bookkeeping import PostgresBookkeeping
from loaders.postgres.sql import Statements

_AT_ONCE = 20_000  # rows


class Documents:
    """What is to be kept, in the database's own words: each step is a transaction of some rows.

    ``waxline.sink.document`` is NULL meanwhile: killed in between, the next loader begins again,
    whichever way it is to go.
    """

    def __init__(
        self,
        database: Database,
        sql: Statements,
        bookkeeping: PostgresBookkeeping,
        option: str,
    ) -> None:
        self._database = database
        self._sql = sql
        self._bookkeeping = bookkeeping
        self._option = option

    async def apply(self) -> None:
        """Change what is held, unless it is as it should be."""
        wanted = bool(self._option)
        while (held := await self._held()) is not wanted:
            if held is not None:
                await self._begin(held)
            if all([await self._change(entity, wanted) for entity in Entity]):
                await self._end(wanted)

    async def misfit(self) -> str:
        """Return why what is held is not what is wanted, or an empty text."""
        return self._difference(await self._held())

    async def _held(self) -> bool | None:
        async with self._database.session() as session:
            held: bool | None = await session.fetchval(self._sql("document"))
        return held

    def _difference(self, held: bool | None) -> str:
        options = None if held is None else "postgres_document" if held else ""
        return other_options(options, self._option)

    async def _begin(self, held: bool) -> None:
        async with self._database.transaction() as session:
            await session.execute(self._sql("allow_change"))
            await session.execute(self._sql("set_document"), None)
            for entity in Entity:
                await self._bookkeeping.overtake(session, entity, self._difference(held))

    async def _change(self, entity: Entity, wanted: bool) -> bool:
        """Change an entity's rows; return False when another loader has come to an end of it."""
        last: int | None = 0
        while last is not None:
            async with self._database.transaction() as session:
                if not await self._is_under_way(session):
                    return False
                statement = self._sql("change_documents", entity)
                last = await session.fetchval(statement, last, _AT_ONCE, wanted)
        return True

    async def _end(self, wanted: bool) -> None:
        async with self._database.transaction() as session:
            if await self._is_under_way(session):
                await session.execute(self._sql("set_document"), wanted)
                for entity in Entity:
                    await self._bookkeeping.tell(session, entity, everything=True)

    async def _is_under_way(self, session: Session) -> bool:
        return bool(await session.fetchval(self._sql("lock_change")))
