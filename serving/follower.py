"""Follows the change feed of the catalogue: what changed is dropped from what is cached."""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic

import asyncpg
import structlog

from common.cache.catalogue import CatalogueCache
from common.entities import Entity
from common.errors import WaxlineError
from common.postgres.database import Database, Session
from serving.database.feed import CHANNEL, Change, EntityState, read_changes, read_states
from serving.generations import Generations
from serving.memory import AnswerMemory

log = structlog.get_logger()

POLL_SECONDS = 1.0
"""Between two looks where no notification comes."""

_CURRENT_SECONDS = 2.5
"""After a look that has ended: without another, what is cached counts as old."""

_AGAIN_SECONDS = 0.5
_MOST_CHANGES = 500
_MOST_IDS = 5_000
"""More of them at once are dropped by dropping everything of their entity."""


class Follower:
    """Looks at the feed when it is notified, and each second besides.

    ``open_cache`` returns the cached answers of a catalogue, by its identity, or None.
    """

    def __init__(
        self,
        database: Database,
        memory: AnswerMemory,
        open_cache: Callable[[str], CatalogueCache | None],
    ) -> None:
        self._database = database
        self._memory = memory
        self._open_cache = open_cache
        self.cache: CatalogueCache | None = None
        self.states: Mapping[Entity, EntityState] = {}
        self._identity = ""
        self._cursors: dict[Entity, int] = {}
        self._generations = Generations()
        self._good_until = 0.0
        self._changed = asyncio.Event()

    @property
    def current(self) -> bool:
        """Whether everything that changed until a moment ago is dropped."""
        return monotonic() < self._good_until

    @property
    def generation(self) -> str:
        """A word that changes when answers that depend on many records are to be made anew."""
        return self._generations.word

    async def follow(self) -> None:
        """Follow until cancelled, whatever happens to the server."""
        while True:
            try:
                async with self._database.session() as session:
                    await self._follow(session)
            except WaxlineError as error:
                self._good_until = 0.0
                log.warning("follower_lost", reason=str(error))
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _follow(self, session: Session) -> None:
        listening = await self._listen(session)
        try:
            while True:
                self._changed.clear()
                began = monotonic()
                await self.catch_up(session)
                self._good_until = began + _CURRENT_SECONDS
                await self._wait()
        finally:
            if listening and not session.is_closed():
                await session.remove_listener(CHANNEL, self._hear)

    async def _listen(self, session: Session) -> bool:
        try:
            await session.add_listener(CHANNEL, self._hear)
        except asyncpg.PostgresError as error:  # a replica knows none
            log.info("follower_polls", reason=str(error))
            return False
        return True

    def _hear(self, *_notification: object) -> None:
        self._changed.set()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            return

    async def catch_up(self, session: Session) -> None:
        """Drop everything that changed since the last time."""
        states = await read_states(session)
        identity = next((one.identity for one in states.values()), "")
        if identity != self._identity:
            await self._begin(identity, states)
        for entity, state in states.items():
            await self._catch_up(session, entity, state.sequence)
        self.states = states
        self._generations.look(states, monotonic())

    async def _begin(self, identity: str, states: Mapping[Entity, EntityState]) -> None:
        """Begin with a catalogue; what is cached of it follows the feed from somewhere."""
        log.info("follower_begins", catalogue=identity[:8])
        self._identity = identity
        self.cache = self._open_cache(identity) if identity else None
        self._cursors = {}
        for entity in Entity:
            sequence = states[entity].sequence if entity in states else 0
            self._memory.drop_all(entity, sequence)
            self._cursors[entity] = await self._resume(entity, sequence)

    async def _resume(self, entity: Entity, sequence: int) -> int:
        """Return from where the feed has to be applied to what is cached."""
        if self.cache is None:
            return sequence
        applied = await self.cache.applied(entity)
        if applied is None or applied > sequence:
            await self.cache.drop_all(entity, sequence)
            return sequence
        self.cache.follow(entity, applied)
        return applied

    async def _catch_up(self, session: Session, entity: Entity, last: int) -> None:
        cursor = self._cursors[entity]
        if last < cursor:  # a backup was restored
            await self._drop_all(entity, last)
        elif last > cursor:
            changes = await read_changes(session, entity, cursor, _MOST_CHANGES)
            if _is_too_much(changes, cursor, last):
                await self._drop_all(entity, last)
            else:
                await self._drop(entity, changes)

    async def _drop(self, entity: Entity, changes: list[Change]) -> None:
        for change in changes:
            self._memory.drop(entity, change.ids or (), change.sequence)
        for change in changes:
            if self.cache:
                await self.cache.drop(entity, change.ids or (), change.sequence)
            self._cursors[entity] = change.sequence

    async def _drop_all(self, entity: Entity, sequence: int) -> None:
        log.info("follower_drops_all", entity=entity.value, sequence=sequence)
        self._memory.drop_all(entity, sequence)
        if self.cache:
            await self.cache.drop_all(entity, sequence)
        self._cursors[entity] = sequence


def _is_too_much(changes: list[Change], cursor: int, last: int) -> bool:
    """Tell whether what changed is not known one by one: too many, anything, or not all of it."""
    sequences = [change.sequence for change in changes]
    if not sequences or sequences[0] != cursor + 1 or sequences[-1] < last:
        return True
    if any(change.ids is None for change in changes):
        return True
    return sum(len(change.ids or ()) for change in changes) > _MOST_IDS
