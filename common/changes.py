"""The change feed: where PostgreSQL says that records have changed, and how it is read.

Each transaction that changes records adds a row to ``discogs.change`` and notifies `CHANNEL` of it.
Who listens reads the rows from its own cursor on: a notice only wakes, and may be lost.
"""

from dataclasses import dataclass

from common.entities import Entity

CHANNEL = "waxline_change"
"""What followers LISTEN to."""

ROWS_KEPT = 100_000
"""Rows of ``discogs.change`` that are kept of each entity: who has not come so far begins anew."""


@dataclass(frozen=True, slots=True)
class Notice:
    """That the feed of an entity has come to a sequence."""

    entity: Entity
    sequence: int


def read_notice(payload: str) -> Notice | None:
    """Return what a payload such as ``release:5123`` says; None when it is not waxline's.

    Everybody who may connect to a database may notify its channels.
    """
    entity, _, sequence = payload.partition(":")
    try:
        return Notice(Entity(entity), int(sequence))
    except ValueError:
        return None
