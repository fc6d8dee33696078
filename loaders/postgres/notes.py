"""What a transaction notes of single records: rejected, or deleted because a dump has them not."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.entities import Entity
from common.messages import Headers
from common.postgres.database import Session
from common.records import Record
from loaders.postgres.sql import Statements
from loaders.sink import Rejection


@dataclass(frozen=True, slots=True)
class Due:
    """What there may be for a transaction to do beside its rows: hardly ever anything but words.

    ``told`` when somebody may follow the records one by one, as after a first load.
    """

    rejected: bool
    deleted: bool
    searched: bool
    told: bool


class Notes:
    """The tables waxline.rejected and discogs.deletion, inside the caller's transactions."""

    def __init__(self, sql: Statements) -> None:
        self._sql = sql

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

    async def unreject(self, session: Session, entity: Entity, ids: Sequence[int]) -> None:
        """Forget the rejections of these ids."""
        await session.execute(self._sql("unreject", entity), ids)

    async def delete(self, session: Session, headers: Headers, ids: Sequence[int]) -> None:
        """Note, of these records, those that have a row, which is to go."""
        await session.execute(self._sql("note_deletions", headers.entity), ids, headers.dump)

    async def due(self, session: Session, headers: Headers) -> Due:
        """Look what there is to be done: to send the ids each time would cost more."""
        (row,) = await session.fetch(self._sql("what_is_due", headers.entity), headers.dump)
        return Due(**row)

    async def take_back(
        self,
        session: Session,
        headers: Headers,
        due: Due,
        records: Sequence[Record],
        written: Sequence[int],
    ) -> None:
        """Forget the rejections of records, and that the same dump had not what is ``written``."""
        entity, dump = headers.entity, headers.dump
        if due.rejected and records:
            await self.unreject(session, entity, [record["id"] for record in records])
        if due.deleted and written:
            await session.execute(self._sql("take_back_deletions", entity), written, dump)


def _storable(reason: str) -> str:
    """Return the reason without what made PostgreSQL refuse the record it may quote."""
    return reason.replace("\0", "").encode(errors="replace").decode()
