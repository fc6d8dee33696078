"""waxline's own tables: the current run of each entity, its ranges and verdict, past runs."""

from collections.abc import Collection, Sequence

from common.changes import CHANNEL, ROWS_KEPT
from common.entities import Entity
from common.errors import RunSupersededError
from common.messages import Headers, Range, decode_range, encode_range
from common.postgres.database import Database, Session
from common.reports import State
from common.run_rules import refusal
from loaders.postgres.sql import Statements
from loaders.runs import REFUSED, RUNS_KEPT, PastRun, RunRow, with_current
from loaders.sink import Rejection, Written


class PostgresBookkeeping:
    """Implements `loaders.sink.Bookkeeping`; what takes a session is part of its transaction."""

    def __init__(self, database: Database, sql: Statements) -> None:
        self._database = database
        self._sql = sql

    async def run_rows(self) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        async with self._database.session() as session:
            return await self._run_rows(session)

    async def advance(self, headers: Headers) -> RunRow:
        """Make a higher run current; forget the ranges of lower ones, and what they could not
        delete.

        A run of an older dump is refused, unless it says that it may be.
        """
        entity = headers.entity
        async with self._database.transaction() as session:
            await session.execute(self._sql("lock_row", entity))
            await self._note_run(session, entity)
            await session.execute(
                self._sql("advance", entity), headers.run, headers.dump, headers.allow_older
            )
            await self._note_run(session, entity, begins=True)
            await session.execute(self._sql("prune_history", entity), RUNS_KEPT)
            await session.execute(self._sql("prune_changes", entity), ROWS_KEPT)
            await session.execute(self._sql("forget_ranges", entity))
            await session.execute(self._sql("forget_kept", entity))
            row = (await self._run_rows(session))[entity]
            if row.run < headers.run and (reason := refusal(headers, row.dump)):
                await self._refuse(session, headers, reason)
        return row

    async def overtake(self, session: Session, entity: Entity, detail: str) -> None:
        """Let nothing more be written of an entity's current run; ``detail`` says why."""
        await self._note_run(session, entity)
        await session.execute(self._sql("overtake", entity), detail)
        await session.execute(self._sql("forget_ranges", entity))
        await self.tell(session, entity, everything=True)

    async def settle(
        self,
        session: Session,
        headers: Headers,
        written: Written,
        *,
        added: Sequence[int] = (),
        replaced: Sequence[int] = (),
        deleted: Sequence[int] = (),
        listed: bool = True,
    ) -> None:
        """Add to the run's counts and tell which records have changed, as the last statement of a
        transaction.

        ``listed`` False spares to send the ids of what is added while nobody has been told of
        anything.  Locks the run row until the commit; raises `RunSupersededError` when another run
        is current.
        """
        altered = bool(replaced or deleted)
        ids = sorted((*added, *replaced, *deleted)) if listed or altered or not added else None
        current = await session.fetchval(
            self._sql("settle_write", headers.entity),
            headers.run,
            written.loaded,
            written.unchanged,
            written.rejected,
            len(deleted),
            ids,
            altered,
            CHANNEL,
        )
        _check(current, headers)

    async def tell(self, session: Session, entity: Entity, *, everything: bool) -> None:
        """Tell of a run's end, or that ``everything`` may have changed; lock the run row."""
        await session.execute(self._sql("tell", entity), everything, CHANNEL)

    async def lock(self, session: Session, headers: Headers) -> None:
        """Lock the run row; raise `RunSupersededError` when another run is current."""
        current = await session.fetchval(self._sql("lock_run", headers.entity), headers.run)
        _check(current, headers)

    async def declare(self, headers: Headers, state: State, detail: str, exceptions: int) -> None:
        """Set the verdict; a complete run also notes the rows now held."""
        declare = self._sql("declare", headers.entity)
        async with self._database.transaction() as session:
            verdict = (state.value, detail, exceptions)
            _check(await session.fetchval(declare, headers.run, *verdict), headers)
            await self.tell(session, headers.entity, everything=False)
            if state is State.COMPLETE:
                await session.execute(self._sql("note_complete", headers.entity), headers.run)
            await self._note_run(session, headers.entity, ends=True)

    async def refusals(self) -> dict[int, str]:
        """Return the reasons of the newest refused runs."""
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("refusals"))
        return {row["run"]: row["reason"] for row in rows}

    async def history(self, limit: int) -> list[PastRun]:
        """Return what is remembered of the last runs, the newest first."""
        async with self._database.session() as session:
            rows = map(dict, await session.fetch(self._sql("history"), limit))
            past = [PastRun(**{**row, "entity": Entity(row["entity"])}) for row in rows]
            return with_current(past, await self._run_rows(session), limit)

    async def store_range(self, headers: Headers, range_: Range) -> None:
        """Store a range, replacing one of the same index."""
        store, body = self._sql("store_range", headers.entity), encode_range(range_)
        async with self._database.transaction() as session:
            await session.execute(store, headers.run, range_.index, body)
            await self.lock(session, headers)

    async def ranges(self, entity: Entity, run: int, known: Collection[int] = ()) -> list[Range]:
        """Return the stored ranges of a run that are not known, by index."""
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("ranges", entity), run, list(known))
        return [decode_range(row["body"]) for row in rows]

    async def rejections(self, entity: Entity) -> list[Rejection]:
        """Return the records rejected and not written since, by id."""
        async with self._database.session() as session:
            rows = await session.fetch(self._sql("rejections", entity))
        return [Rejection(**dict(row)) for row in rows]

    async def rejected_record(self, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON."""
        async with self._database.session() as session:
            return await session.fetchval(self._sql("rejected_record", entity), record_id) or ""

    async def _run_rows(self, session: Session) -> dict[Entity, RunRow]:
        rows = (dict(row) for row in await session.fetch(self._sql("run_rows")))
        return {
            Entity(row["entity"]): RunRow(
                **{**row, "entity": Entity(row["entity"]), "state": State(row["state"])}
            )
            for row in rows
        }

    async def _note_run(
        self, session: Session, entity: Entity, *, begins: bool = False, ends: bool = False
    ) -> None:
        """Note an entity's current run as it is, and lock its row; a first one is not there."""
        await session.execute(self._sql("note_run", entity), begins, ends)

    async def _refuse(self, session: Session, headers: Headers, reason: str) -> None:
        entity, run, dump = headers.entity, headers.run, headers.dump
        await session.execute(self._sql("refuse", entity), run, dump, reason)
        await session.execute(self._sql("note_refused", entity), run, dump, REFUSED, reason)


def _check(current: int | None, headers: Headers) -> None:
    if current is None:
        raise RunSupersededError(
            f"run {headers.run} of {headers.entity.plural} is no longer the current one"
        )
