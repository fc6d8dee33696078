"""waxline's own tables: the current run of each entity, its ranges, what was rejected."""

from collections.abc import Collection, Sequence

from common.entities import Entity
from common.errors import RunSupersededError
from common.messages import Headers, Range, decode_range, encode_range
from common.reports import State
from common.run_rules import refusal
from loaders.postgres.database import Session
from loaders.postgres.history import History
from loaders.postgres.sql import Statements
from loaders.sink import Rejection, RunRow, Written


class Bookkeeping:
    """Bookkeeping inside the caller's transactions."""

    def __init__(self, sql: Statements) -> None:
        self._sql = sql
        self.history = History(sql)

    async def settle(
        self, session: Session, headers: Headers, written: Written, deleted: int = 0
    ) -> None:
        """Add to the run's counts, as the last statement of a transaction.

        Locks the run row until the commit; raises `RunSupersededError` when another run is
        current.
        """
        current = await session.fetchval(
            self._sql("settle_write", headers.entity),
            headers.run,
            written.loaded,
            written.unchanged,
            written.rejected,
            deleted,
        )
        _check(current, headers)

    async def lock(self, session: Session, headers: Headers) -> None:
        """Lock the run row; raise `RunSupersededError` when another run is current."""
        current = await session.fetchval(self._sql("lock_run", headers.entity), headers.run)
        _check(current, headers)

    async def advance(self, session: Session, headers: Headers) -> RunRow:
        """Make a higher run current; forget the ranges of lower ones, and what they could not
        delete.

        A run of an older dump is refused, unless it says that it may be.
        """
        entity = headers.entity
        await session.execute(self._sql("lock_row", entity))
        await self.history.note(session, entity)
        await session.execute(
            self._sql("advance", entity), headers.run, headers.dump, headers.allow_older
        )
        await self.history.note(session, entity, begins=True)
        await self.history.prune(session, entity)
        await session.execute(self._sql("forget_ranges", entity))
        await session.execute(self._sql("forget_kept", entity))
        row = (await self.rows(session))[headers.entity]
        if row.run < headers.run and (reason := refusal(headers, row.dump)):
            await self._refuse(session, headers, reason)
        return row

    async def overtake(self, session: Session, entity: Entity, detail: str) -> None:
        """Let nothing more be written of an entity's current run; ``detail`` says why."""
        await self.history.note(session, entity)
        await session.execute(self._sql("overtake", entity), detail)
        await session.execute(self._sql("forget_ranges", entity))

    async def rows(self, session: Session) -> dict[Entity, RunRow]:
        """Return the run rows there are."""
        rows = (dict(row) for row in await session.fetch(self._sql("run_rows")))
        return {
            Entity(row["entity"]): RunRow(
                **{**row, "entity": Entity(row["entity"]), "state": State(row["state"])}
            )
            for row in rows
        }

    async def declare(
        self, session: Session, headers: Headers, state: State, detail: str, exceptions: int
    ) -> None:
        """Set the verdict; a complete run also notes the rows now held."""
        current = await session.fetchval(
            self._sql("declare", headers.entity), headers.run, state.value, detail, exceptions
        )
        _check(current, headers)
        if state is State.COMPLETE:
            await session.execute(self._sql("note_complete", headers.entity), headers.run)
        await self.history.note(session, headers.entity, ends=True)

    async def store_range(self, session: Session, headers: Headers, range_: Range) -> None:
        """Store a range, replacing one of the same index."""
        await session.execute(
            self._sql("store_range", headers.entity),
            headers.run,
            range_.index,
            encode_range(range_),
        )

    async def ranges(
        self, session: Session, entity: Entity, run: int, known: Collection[int]
    ) -> list[Range]:
        """Return the ranges of a run that are not known, by index."""
        rows = await session.fetch(self._sql("ranges", entity), run, list(known))
        return [decode_range(row["body"]) for row in rows]

    async def _refuse(self, session: Session, headers: Headers, reason: str) -> None:
        await session.execute(
            self._sql("refuse", headers.entity), headers.run, headers.dump, reason
        )
        await self.history.note_refused(session, headers, reason)

    async def refusals(self, session: Session) -> dict[int, str]:
        """Return the reasons of the newest refused runs."""
        return {row["run"]: row["reason"] for row in await session.fetch(self._sql("refusals"))}

    async def reject(
        self, session: Session, entity: Entity, rejections: Sequence[Rejection]
    ) -> None:
        """Store rejections, each replacing an earlier one of its id."""
        ordered = sorted(rejections, key=lambda rejection: rejection.id)
        await session.execute(
            self._sql("reject", entity),
            [rejection.id for rejection in ordered],
            [rejection.fingerprint for rejection in ordered],
            [_storable(rejection.reason) for rejection in ordered],
            [rejection.run for rejection in ordered],
            [rejection.dump for rejection in ordered],
            [rejection.record for rejection in ordered],
        )

    async def rejections(self, session: Session, entity: Entity) -> list[Rejection]:
        """Return the rejections of an entity, by id."""
        rows = await session.fetch(self._sql("rejections", entity))
        return [Rejection(**dict(row)) for row in rows]

    async def rejected_record(self, session: Session, entity: Entity, record_id: int) -> str:
        """Return the data of a rejected record as JSON."""
        return await session.fetchval(self._sql("rejected_record", entity), record_id) or ""

    async def unreject(self, session: Session, entity: Entity, ids: Sequence[int]) -> None:
        """Forget the rejections of these ids."""
        await session.execute(self._sql("unreject", entity), ids)


def _storable(reason: str) -> str:
    """Return the reason without what made PostgreSQL refuse the record it may quote."""
    return reason.replace("\0", "").encode(errors="replace").decode()


def _check(current: int | None, headers: Headers) -> None:
    if current is None:
        raise RunSupersededError(
            f"run {headers.run} of {headers.entity.plural} is no longer the current one"
        )
