"""The change feed as it is read: how far each entity is, and what changed since."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.entities import Entity
from common.postgres.blocks import Blocks
from common.postgres.database import Session

SQL = Blocks(__package__, "feed.sql")

CHANNEL = "waxline_change"
"""What notifications come on, one for each transaction."""

LOADING = "loading"


@dataclass(frozen=True, slots=True)
class EntityState:
    """How far an entity is loaded; ``sequence`` is that of the last change."""

    dump: int
    run: int
    state: str
    sequence: int
    identity: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction changed; ``ids`` are None where it may be anything."""

    sequence: int
    dump: int
    ids: list[int] | None


async def read_states(session: Session) -> Mapping[Entity, EntityState]:
    """Return how far each entity is; one that was never loaded is left out."""
    return {
        Entity(row["entity"]): EntityState(
            row["dump"], row["run"], row["state"], row["sequence"], row["identity"]
        )
        for row in await session.fetch(SQL("state"))
    }


async def read_changes(session: Session, entity: Entity, after: int, most: int) -> list[Change]:
    """Return the changes behind a sequence, in order, so many at most."""
    rows = await session.fetch(SQL("changes"), entity.value, after, most)
    return [Change(row["sequence"], row["dump"], row["ids"]) for row in rows]
