"""The table of past runs, written inside the caller's transactions."""

from common.entities import Entity
from common.messages import Headers
from loaders.history import KEPT
from loaders.postgres.database import Session
from loaders.postgres.sql import Statements
from loaders.sink import REFUSED, PastRun


class History:
    """What waxline.history remembers."""

    def __init__(self, sql: Statements) -> None:
        self._sql = sql

    async def note(
        self, session: Session, entity: Entity, *, begins: bool = False, ends: bool = False
    ) -> None:
        """Note an entity's current run as it is, and lock its row; a first one is not there."""
        await session.execute(self._sql("note_run", entity), begins, ends)

    async def note_refused(self, session: Session, headers: Headers, reason: str) -> None:
        """Note a run that was refused."""
        statement = self._sql("note_refused", headers.entity)
        await session.execute(statement, headers.run, headers.dump, REFUSED, reason)

    async def prune(self, session: Session, entity: Entity) -> None:
        """Forget the oldest runs."""
        await session.execute(self._sql("prune_history", entity), KEPT)

    async def past(self, session: Session, limit: int) -> list[PastRun]:
        """Return the newest runs noted."""
        rows = await session.fetch(self._sql("history"), limit)
        return [PastRun(**{**row, "entity": Entity(row["entity"])}) for row in map(dict, rows)]
