"""What routes answer from: opened once for a process, and handed to every router."""

from dataclasses import dataclass

from common.entities import Entity
from common.postgres.database import Database
from serving.answers import AsOf
from serving.database.records import Records
from serving.follower import Follower
from serving.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a process that answers.

    ``reading`` are sessions that may only read, their statements with a deadline; each is handed
    on as it was left, so a route leaves no transaction and no setting behind.
    ``discogs_prefix`` is the path of Discogs' own API, ``public_address`` where clients reach the
    process, None: where they say that they do.
    """

    reading: Database
    records: Records
    follower: Follower
    statistics: Statistics
    discogs_prefix: str
    public_address: str | None

    def as_of(self, *entities: Entity) -> tuple[AsOf, ...]:
        """Return how far entities are, at least, for an answer that depends on many records."""
        states = self.follower.states
        return tuple(
            AsOf(entity, states[entity].dump, states[entity].sequence)
            for entity in entities
            if entity in states
        )
