"""What a transaction notes of single records: rejected, or deleted because a dump has them not."""

from collections.abc import Sequence

from common.entities import Entity
from common.messages import Headers
from common.postgres.database import Session
from common.records import Record
from loaders.postgres.sql import Statements
from loaders.sink import Rejection


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

    async def take_back(
        self, session: Session, headers: Headers, records: Sequence[Record], written: Sequence[int]
    ) -> None:
        """Forget the rejections of records, and that the same dump had not what is ``written``.

        There is hardly ever anything, so look first: to send the ids costs more.
        """
        entity, dump = headers.entity, headers.dump
        (row,) = await session.fetch(self._sql("may_be_taken_back", entity), dump)
        if row["rejected"] and records:
            await self.unreject(session, entity, [record["id"] for record in records])
        if row["deleted"] and written:
            await session.execute(self._sql("take_back_deletions", entity), written, dump)


def _storable(reason: str) -> str:
    """Return the reason without what made PostgreSQL refuse the record it may quote."""
    return reason.replace("\0", "").encode(errors="replace").decode()
