"""Answers of the catalogue: what is filled late, and is old by then, is refused.

The rules, of which any alone would leave something stale:

- A change leaves a tombstone with its sequence at each record, and deletes its answers.  A fill
  tells the sequence of the snapshot that it was read in, and is refused behind a newer tombstone.
- Each entity has a state there: a generation, which every answer bears, and the sequence up to
  which changes are applied.  Where that is behind what this process has applied, something was
  lost (a call without an answer, an emptied server, an old snapshot): the generation moves.
- A server may evict a tombstone.  So each process also remembers those that it has left.
"""

import asyncio
import secrets
from collections.abc import Collection
from contextlib import suppress

from common.cache.compression import Codec
from common.cache.feed_scripts import APPLY, DROP, FILL, GENERATION_LENGTH, MOVE, State, read_state
from common.cache.keys import FORMS, CatalogueKeys, Kind, Place, RecordPlace, lifetime
from common.cache.protocol import Values
from common.cache.recent_drops import RecentDrops
from common.cache.scripts import Argument, Script, milliseconds
from common.cache.statistics import Hits
from common.entities import Entity
from common.errors import TransientError

LAYER = "cache"
"""What it is called where hits are counted."""


class CatalogueCache:
    """Answers by place, over `Values` that may lose anything at any time.

    No method raises: what the server does not do is a miss, or a fill that is refused.

    Answers of records are given once `follow` has said from where this process follows the change
    feed of their entity; from then on it has to `drop` whatever changes.
    """

    def __init__(self, values: Values, identity: str, codec: Codec, hits: Hits) -> None:
        self._values = values
        self._keys = CatalogueKeys(identity)
        self._codec = codec
        self._hits = hits
        self._applied: dict[Entity, int] = {}
        self._states: dict[Entity, State] = {}
        self._recent = RecentDrops()
        self._dropping = asyncio.Lock()
        self._gone_back: set[Entity] = set()
        """Entities whose feed has: the state there is ahead, until it is moved."""

    async def get(self, place: Place, *, again: bool = False) -> bytes | None:
        """Return an answer, None where there is none that is known to be true.

        Who looks ``again`` for what has been missed is not counted twice.
        """
        try:
            found = await self._read(place)
        except TransientError:
            found = None
        if not again:
            self._hits.count(LAYER, place.kind.title, found is not None)
        return found

    async def fill(
        self, place: Place, value: bytes, sequence: int, seconds: float | None = None
    ) -> bool:
        """Keep an answer; False when it is not kept.

        ``sequence`` is that of its entity in the snapshot that it was read in; derived answers
        have their generation instead.  ``seconds`` replace the time to live of its kind; either is
        spread.
        """
        packed = self._codec.pack(value)
        if packed is None:
            return False
        time = lifetime(place.kind.seconds if seconds is None else seconds)
        try:
            if isinstance(place, RecordPlace):
                return await self._fill_record(place, packed, sequence, time)
            await self._values.set(self._keys.of(place), packed, time)
        except TransientError:
            return False
        return True

    async def drop(self, entity: Entity, ids: Collection[int], sequence: int) -> None:
        """Drop records that have changed, as a row of the change feed says."""
        self._recent.add(entity, ids, sequence)
        # One after the other: a later row that gets there alone would hide an earlier one's loss.
        async with self._dropping:
            before = self._applied.get(entity, sequence - 1)
            try:
                await self._drop(entity, ids, before, sequence)
            except TransientError:
                pass  # the next `get` finds the state there behind
            finally:
                self._applied[entity] = max(before, sequence)

    async def drop_all(self, entity: Entity, sequence: int) -> None:
        """Drop all records of an entity, as a row of the change feed says.

        With a sequence lower than before, the feed itself has gone back: a restored database.
        """
        async with self._dropping:
            if sequence < self._known(entity):
                self._gone_back.add(entity)
            self._recent.forget(entity, sequence)
            try:
                await self._move(entity, sequence)
            except TransientError:
                pass  # as above
            finally:
                self._applied[entity] = sequence

    async def applied(self, entity: Entity) -> int | None:
        """Return the sequence up to which what is cached follows the feed, None when unknown.

        Who begins to follow may begin there, and keeps what is cached.
        """
        with suppress(TransientError):
            state = read_state(await self._values.get(self._keys.state(entity)))
            if state:
                self._states[entity] = state
                return state.applied
        return None

    def follow(self, entity: Entity, sequence: int) -> None:
        """Say that this process follows the feed of an entity from here on."""
        self._applied[entity] = sequence

    async def _drop(self, entity: Entity, ids: Collection[int], before: int, sequence: int) -> None:
        lifetime_ms = milliseconds(Kind.TOMBSTONE.seconds)
        calls = [(self._of_record(entity, one), (sequence, lifetime_ms)) for one in ids]
        await self._values.run_each(DROP, calls)
        await self._change(APPLY, entity, before, sequence)

    async def _read(self, place: Place) -> bytes | None:
        if not isinstance(place, RecordPlace):
            return self._codec.unpack(await self._values.get(self._keys.of(place)))
        if place.entity not in self._applied:
            return None
        keys = [self._keys.of(place), self._keys.state(place.entity)]
        entry, held = await self._values.mget(keys)
        state = read_state(held)
        if state is None or self._is_wrong(place.entity, state):
            await self._settle(place.entity)
            return None
        self._states[place.entity] = state
        if entry is None or entry[:GENERATION_LENGTH] != state.generation:
            return None
        return self._codec.unpack(entry[GENERATION_LENGTH:])

    async def _fill_record(
        self, place: RecordPlace, packed: bytes, sequence: int, seconds: float
    ) -> bool:
        if place.entity not in self._applied:
            return False
        if self._recent.last(place.entity, place.id) > sequence:
            return False
        state = self._states.get(place.entity)
        if state is None or place.entity in self._gone_back:
            state = await self._settle(place.entity)
        tombstone = self._keys.tombstone(place.entity, place.id)
        keys = (self._keys.of(place), tombstone, self._keys.state(place.entity))
        entry = state.generation + packed
        arguments = (entry, sequence, state.generation, milliseconds(seconds))
        return await self._values.run(FILL, keys, arguments) == 1

    def _known(self, entity: Entity) -> int:
        """Return how far the feed was: for this process, or, before it follows, where it looked."""
        state = self._states.get(entity)
        return self._applied.get(entity, state.applied if state else 0)

    def _is_wrong(self, entity: Entity, state: State) -> bool:
        """Tell whether the state there is not what this process's drops have left."""
        return state.applied < self._applied[entity] or entity in self._gone_back

    async def _settle(self, entity: Entity) -> State:
        """Have a state that is not behind what was dropped here: another generation where it is."""
        applied = self._applied[entity]
        if entity in self._gone_back:
            return await self._move(entity, applied)
        return await self._change(APPLY, entity, applied, applied)

    async def _move(self, entity: Entity, sequence: int) -> State:
        """Begin another generation, unless another process has for the same row of the feed."""
        forced = entity in self._gone_back
        state = await self._change(MOVE, entity, int(forced), sequence)
        self._gone_back.discard(entity)
        return state

    async def _change(self, script: Script, entity: Entity, *how: int) -> State:
        lifetime_ms = milliseconds(Kind.STATE.seconds)
        arguments: tuple[Argument, ...] = (
            *how,
            secrets.token_hex(GENERATION_LENGTH // 2),
            lifetime_ms,
        )
        changed = await self._values.run(script, [self._keys.state(entity)], arguments)
        state = read_state(changed if isinstance(changed, bytes) else None)
        if state is None:
            raise TransientError(f"the state of {entity.plural} cannot be read")
        self._states[entity] = state
        return state

    def _of_record(self, entity: Entity, record_id: int) -> tuple[str, ...]:
        """Return the keys of a tombstone and of what it is for."""
        entries = (self._keys.record(entity, record_id, form) for form in FORMS)
        return (self._keys.tombstone(entity, record_id), *entries)
