"""PostgreSQL's content: records as rows, every batch straight into its tables."""

from collections.abc import Collection, Sequence
from functools import partial

from common import faultpoints
from common.entities import Entity
from common.errors import TerminalError
from common.messages import Headers, Span
from common.postgres.database import Database
from common.postgres.errors import LockedError, TakenError
from common.records import Record
from loaders.portions import RECORDS_AT_ONCE, in_halves
from loaders.postgres import indexes
from loaders.postgres.bookkeeping import PostgresBookkeeping
from loaders.postgres.notes import Notes
from loaders.postgres.search import SearchTables
from loaders.postgres.sql import Statements
from loaders.postgres.stored_rows import StoredRows, UnpreparedError, ids_of, plan
from loaders.sink import KEPT, Digest, Rejection, Written


class PostgresContent:
    """Implements `loaders.sink.Content`; indexes are built on as many ``sessions``."""

    summed_at_once = RECORDS_AT_ONCE

    def __init__(
        self,
        database: Database,
        sql: Statements,
        bookkeeping: PostgresBookkeeping,
        stored: StoredRows,
        sessions: int,
    ) -> None:
        self._database = database
        self._sql = sql
        self._bookkeeping = bookkeeping
        self._stored = stored
        self._sessions = sessions
        self._notes = Notes(sql)
        self._search = SearchTables()

    async def write(
        self, headers: Headers, records: Sequence[Record], rejections: Sequence[Rejection] = ()
    ) -> Written:
        """Write what differs from what is held, and store rejections."""
        write = partial(self._write, headers, records, rejections)
        try:
            return await write()
        except UnpreparedError:
            await self.prepare(headers.entity)
            return await write()
        except TakenError:
            await self.prepare(headers.entity)
            return await write(cleared=True)
        except LockedError:
            if await indexes.wait_for_builders(self._database, self._sql, headers.entity):
                return await write()
            raise
        except TerminalError as error:
            if len(records) != 1:
                raise
            raise TerminalError(f"{headers.entity} {records[0]['id']}: {error}") from error

    async def delete(self, headers: Headers, ids: Sequence[int]) -> int:
        """Delete records and rejections, and note the rows that go; return how many went.

        What a foreign key or a trigger of other people keeps is noted as kept, record by record.
        """
        await self.prepare(headers.entity)
        return sum(await in_halves(partial(self._delete, headers), sorted(ids), TerminalError))

    async def distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        """Take rows for unknown; remove child rows that have lost their own."""
        entity, ordered = headers.entity, sorted(ids)
        await self.prepare(entity)
        async with self._database.transaction() as session:
            found = await session.fetch(self._sql("find", entity), ordered)
            held = {row["id"] for row in found}
            lost = [record_id for record_id in ordered if record_id not in held]
            await session.execute(self._sql("distrust", entity), sorted(held))
            await self._stored.remove(session, entity, lost)
            await self._notes.unreject(session, entity, ordered)
            await self._bookkeeping.settle(session, headers, Written(), replaced=ordered)
        return len(held)

    async def digests(
        self, entity: Entity, spans: Sequence[Span], without: Collection[int]
    ) -> list[Digest]:
        """Sum up rows and rejections of each span, leaving out ``without``."""
        firsts, lasts = zip(*spans, strict=True)
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("digests", entity), firsts, lasts, list(without))
        return [Digest(count=row["count"], total=int(row["total"]) % 2**64) for row in rows]

    async def held(self, entity: Entity, spans: Sequence[Span]) -> list[int]:
        """Return the ids held in spans, rows and rejections, ascending."""
        firsts, lasts = zip(*spans, strict=True)
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("held", entity), firsts, lasts)
        return [row["id"] for row in rows]

    async def rows(self, entity: Entity) -> int:
        """Return the number of rows held."""
        async with self._database.session() as session:
            count: int = await session.fetchval(self._sql("rows", entity))
        return count

    async def prepare(self, entity: Entity) -> None:
        """Build the entity's indexes and gather statistics, once."""
        async with self._database.session() as session:
            prepared = await indexes.is_prepared(session, self._sql, entity)
        if not prepared:
            await indexes.Preparation(self._database, self._sql, entity).run(self._sessions)

    async def sweep(self, entity: Entity) -> None:
        """Do nothing: rows leave nothing behind."""
        del entity

    async def _write(
        self,
        headers: Headers,
        records: Sequence[Record],
        rejections: Sequence[Rejection],
        *,
        cleared: bool = False,
    ) -> Written:
        """Write in one transaction; ``cleared`` of what child rows new records have already.

        Those are left of a row that somebody has deleted by hand: to look for them each time
        would cost every new record.
        """
        entity = headers.entity
        async with self._database.transaction() as session:
            decided = plan(records, await self._stored.find(session, entity, records))
            if cleared:
                await self._stored.remove(session, entity, ids_of(decided.added))
            if decided.replaced:
                await self._stored.replace(session, headers, decided.replaced)
            await self._stored.add(session, headers, decided.added)
            faultpoints.passing("postgres.copied")
            if rejections:
                await self._notes.reject(session, entity, rejections)
            added, replaced = ids_of(decided.added), ids_of(decided.replaced)
            changed = [*added, *replaced]
            due = await self._notes.due(session, headers)
            await self._notes.take_back(session, headers, due, records, changed)
            if due.searched and changed:
                await self._search.keep(session, entity, changed)
            written = Written(len(changed), decided.unchanged, len(rejections))
            await self._bookkeeping.settle(
                session, headers, written, added=added, replaced=replaced, listed=due.told
            )
        return written

    async def _delete(self, headers: Headers, ids: Sequence[int]) -> int:
        try:
            return await self._delete_all(headers, ids)
        except TerminalError as error:
            if len(ids) != 1:
                raise
            await self._keep(headers, ids[0], str(error))
            return 0

    async def _delete_all(self, headers: Headers, ids: Sequence[int]) -> int:
        entity = headers.entity
        async with self._database.transaction() as session:
            await self._notes.delete(session, headers, ids)
            deleted = await self._stored.remove(session, entity, ids)
            if await session.fetch(self._sql("find", entity), ids):
                raise TerminalError("a trigger of the database keeps the row")
            await self._notes.unreject(session, entity, ids)
            await self._bookkeeping.settle(session, headers, Written(), deleted=deleted)
        return len(deleted)

    async def _keep(self, headers: Headers, record_id: int, reason: str) -> None:
        """Note a row that the dump has not and that cannot be deleted."""
        kept = Rejection(record_id, KEPT, f"not deleted: {reason}", headers.run, headers.dump)
        async with self._database.transaction() as session:
            await self._notes.reject(session, headers.entity, [kept])
            await self._bookkeeping.lock(session, headers)
