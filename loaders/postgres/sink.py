"""The PostgreSQL sink: every call a transaction, every batch straight into its tables."""

from collections.abc import Collection, Sequence

from common import faultpoints
from common.entities import Entity
from common.errors import TerminalError
from common.messages import Headers, Range, Span
from common.records import Record
from common.reports import State
from config.settings import Settings
from loaders.history import with_current
from loaders.postgres import indexes, schema
from loaders.postgres.bookkeeping import Bookkeeping
from loaders.postgres.changes import Plan, plan
from loaders.postgres.content import Content, UnpreparedError
from loaders.postgres.database import Database, Session
from loaders.postgres.documents import Documents
from loaders.postgres.errors import LockedError, TakenError
from loaders.postgres.reader import PostgresReader
from loaders.postgres.setup import SetUp
from loaders.postgres.sql import Statements
from loaders.sink import KEPT, RECORDS_AT_ONCE, Digest, PastRun, Rejection, RunRow, Written


class PostgresSink:
    """The catalogue in the schema ``discogs``, the bookkeeping in ``waxline``."""

    name = "postgres"
    server = name
    summed_at_once = RECORDS_AT_ONCE

    def __init__(self, settings: Settings) -> None:
        self.sessions = settings.postgres_sessions
        self.batch_size = settings.postgres_batch
        self._document = settings.postgres_document
        self._namespace = settings.namespace
        self._database = Database(settings)
        self._sql = Statements("statements.sql")
        self._bookkeeping = Bookkeeping(self._sql)
        option = settings.options_of(self.name)
        self._documents = Documents(self._database, self._sql, self._bookkeeping, option)
        self._content = Content(
            self._sql, compiled=settings.compiled, document=settings.postgres_document
        )

    async def open(self) -> None:
        """Connect, and make the schema where it is missing.

        Raises `ServerError` with what makes the database unable to hold the catalogue.
        """
        await self._database.open()
        setup = SetUp(self._database)
        await setup.check_server()
        await schema.make(self._database, self._sql, self._namespace, document=self._document)
        await setup.check_tables()
        await self._documents.apply()

    async def look(self) -> bool:
        """Connect only to read; documents are taken to be as the database has them."""
        await self._database.open()
        async with self._database.session() as session:
            if not await session.fetchval(self._sql("has_schema")):
                return False
            self._document = bool(await schema.check(session, self._sql, self._namespace))
            return bool(await self._bookkeeping.rows(session))

    @property
    def reader(self) -> PostgresReader:
        """What reads the rows back."""
        return PostgresReader(self._database, self._sql, document=self._document)

    async def close(self) -> None:
        """Close the pool, within seconds even when the server hangs."""
        await self._database.close()

    async def identity(self) -> str:
        """Return the database's own random identity, with version and options."""
        async with self._database.session() as session:
            return await schema.identity(session, self._sql)

    async def misfit(self, entity: Entity) -> str:
        """Return why rows of an entity have, or have not, the documents that they should have."""
        del entity
        return await self._documents.misfit()

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        async with self._database.session() as session:
            return await self._bookkeeping.rows(session)

    async def advance(self, headers: Headers) -> RunRow:
        """Make the run current if it is higher; return the row as it is afterwards."""
        async with self._database.transaction() as session:
            return await self._bookkeeping.advance(session, headers)

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of the newest refused runs."""
        async with self._database.session() as session:
            return await self._bookkeeping.refusals(session)

    async def history(self, limit: int) -> list[PastRun]:
        """Return what is remembered of the last runs, the newest first."""
        async with self._database.session() as session:
            past = await self._bookkeeping.history.past(session, limit)
            return with_current(past, await self._bookkeeping.rows(session), limit)

    async def write(
        self, headers: Headers, records: Sequence[Record], rejections: Sequence[Rejection] = ()
    ) -> Written:
        """Write what differs from what is held; see `loaders.sink.Sink`."""
        try:
            return await self._write(headers, records, rejections)
        except UnpreparedError:
            await self.prepare(headers.entity)
            return await self._write(headers, records, rejections)
        except TakenError:
            await self.prepare(headers.entity)
            return await self._write(headers, records, rejections, cleared=True)
        except LockedError:
            if await indexes.wait_for_builders(self._database, self._sql, headers.entity):
                return await self._write(headers, records, rejections)
            raise
        except TerminalError as error:
            if len(records) != 1:
                raise
            raise TerminalError(f"{headers.entity} {records[0]['id']}: {error}") from error

    async def store_range(self, headers: Headers, range_: Range) -> None:
        """Store one range of the run."""
        async with self._database.transaction() as session:
            await self._bookkeeping.store_range(session, headers, range_)
            await self._bookkeeping.lock(session, headers)

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return the stored ranges of a run that are not known, by index."""
        async with self._database.session() as session:
            return await self._bookkeeping.ranges(session, entity, run, known)

    async def prepare(self, entity: Entity) -> None:
        """Build the entity's indexes and gather statistics, once."""
        async with self._database.session() as session:
            prepared = await indexes.is_prepared(session, self._sql, entity)
        if not prepared:
            await indexes.Preparation(self._database, self._sql, entity).run(self.sessions)

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

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected and not written since, by id."""
        async with self._database.session() as session:
            return await self._bookkeeping.rejections(session, entity)

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON."""
        async with self._database.session() as session:
            return await self._bookkeeping.rejected_record(session, entity, record_id)

    async def rows(self, entity: Entity) -> int:
        """Return the number of rows held."""
        async with self._database.session() as session:
            count: int = await session.fetchval(self._sql("rows", entity))
        return count

    async def delete(self, headers: Headers, ids: Sequence[int]) -> int:
        """Delete records and rejections, and note the rows that go; return how many went.

        What a foreign key or a trigger of other people keeps is noted as kept, record by record.
        """
        await self.prepare(headers.entity)
        try:
            return await self._delete(headers, sorted(ids))
        except TerminalError as error:
            if len(ids) == 1:
                await self._keep(headers, ids[0], str(error))
                return 0
        middle = len(ids) // 2
        first = await self.delete(headers, ids[:middle])
        return first + await self.delete(headers, ids[middle:])

    async def distrust(self, headers: Headers, ids: Sequence[int]) -> int:
        """Take rows for unknown; remove child rows that have lost their own."""
        await self.prepare(headers.entity)
        ordered = sorted(ids)
        async with self._database.transaction() as session:
            found = await session.fetch(self._sql("find", headers.entity), ordered)
            held = {row["id"] for row in found}
            lost = [record_id for record_id in ordered if record_id not in held]
            await session.execute(self._sql("distrust", headers.entity), sorted(held))
            await self._content.remove(session, headers.entity, lost)
            await self._bookkeeping.unreject(session, headers.entity, ordered)
            await self._bookkeeping.lock(session, headers)
        return len(held)

    async def declare(self, headers: Headers, state: State, detail: str, exceptions: int) -> None:
        """Set the verdict on the run."""
        async with self._database.transaction() as session:
            await self._bookkeeping.declare(session, headers, state, detail, exceptions)

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
        async with self._database.transaction() as session:
            decided = plan(records, await self._content.find(session, headers.entity, records))
            if cleared:
                ids = [record["id"] for record in decided.added]
                await self._content.remove(session, headers.entity, ids)
            if decided.replaced:
                await self._content.replace(session, headers, decided.replaced)
            await self._content.add(session, headers, decided.added)
            faultpoints.passing("postgres.copied")
            if rejections:
                await self._bookkeeping.reject(session, headers.entity, rejections)
            await self._take_back(session, headers, records, decided)
            written = Written(len(decided.ids), decided.unchanged, len(rejections))
            await self._bookkeeping.settle(session, headers, written)
        return written

    async def _take_back(
        self, session: Session, headers: Headers, records: Sequence[Record], decided: Plan
    ) -> None:
        """Take back what was noted of these records: there is hardly ever anything, so look first.

        To send their ids costs more than to look.
        """
        entity, dump = headers.entity, headers.dump
        (row,) = await session.fetch(self._sql("may_be_taken_back", entity), dump)
        if row["rejected"] and records:
            await self._bookkeeping.unreject(session, entity, [record["id"] for record in records])
        if row["deleted"] and decided.ids:
            statement = self._sql("take_back_deletions", entity)
            await session.execute(statement, decided.ids, dump)

    async def _delete(self, headers: Headers, ids: Sequence[int]) -> int:
        async with self._database.transaction() as session:
            entity = headers.entity
            await session.execute(self._sql("note_deletions", entity), ids, headers.dump)
            deleted = await self._content.remove(session, entity, ids)
            if await session.fetch(self._sql("find", entity), ids):
                raise TerminalError("a trigger of the database keeps the row")
            await self._bookkeeping.unreject(session, entity, ids)
            await self._bookkeeping.settle(session, headers, Written(), deleted)
        return deleted

    async def _keep(self, headers: Headers, record_id: int, reason: str) -> None:
        """Note a row that the dump has not and that cannot be deleted."""
        kept = Rejection(record_id, KEPT, f"not deleted: {reason}", headers.run, headers.dump)
        async with self._database.transaction() as session:
            await self._bookkeeping.reject(session, headers.entity, [kept])
            await self._bookkeeping.lock(session, headers)
