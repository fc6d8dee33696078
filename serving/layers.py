"""The layers that an answer comes from: this process's memory, the cache, and who makes it."""

import asyncio
from collections.abc import Awaitable, Callable

from common.cache.keys import Kind, Place, RecordPlace
from common.cache.statistics import Hits
from serving.answers import Answer, pack, sequence_of, unpack
from serving.fill_locks import SECONDS, FillLocks
from serving.follower import Follower
from serving.memory import AnswerMemory

MEMORY = "memory"
"""What the first layer is called where hits are counted."""

ROUTES = "routes"
"""What the last layer is called, which always has an answer: it makes it."""

OK, NOT_FOUND = 200, 404
_LOOK_SECONDS = 0.02

Make = Callable[[], Awaitable[Answer]]
"""Makes an answer from the databases; never raises, so that whoever waits for it has it too."""


class Layers:
    """Answers by place; what several ask for at once is made once.

    What is cached is given only while the follower is ``current``: else it might be old.  The
    follower has the cache, too: one for each catalogue.  ``locks`` are None where there is none.
    """

    def __init__(
        self,
        memory: AnswerMemory,
        follower: Follower,
        locks: FillLocks | None,
        hits: Hits,
    ) -> None:
        self._memory = memory
        self._follower = follower
        self._locks = locks
        self._hits = hits
        self._flights: dict[Place, asyncio.Task[Answer]] = {}

    @property
    def generation(self) -> str:
        """What the place of a derived answer bears."""
        return self._follower.generation

    def remembered(self, place: Place) -> Answer | None:
        """Return an answer out of this process's memory, None when it has to be looked for."""
        answer = self._memory.get(place) if self._follower.current else None
        self._hits.count(MEMORY, place.kind.title, answer is not None)
        return answer

    async def found(self, place: Place, make: Make) -> Answer:
        """Return an answer out of the cache, or have it made; one of a place at a time."""
        flight = self._flights.get(place)
        if flight is None:
            flight = asyncio.create_task(self._find(place, make))
            self._flights[place] = flight
            flight.add_done_callback(lambda _: self._flights.pop(place))
        # Who goes away does not end it: others wait for it too.
        return await asyncio.shield(flight)

    async def old(self, place: Place) -> Answer | None:
        """Return what is cached, even if it may be old by now."""
        return self._memory.get(place) or await self._read(place)

    async def _find(self, place: Place, make: Make) -> Answer:
        mark = self._memory.mark(place)
        answer = await self._cached(place) or await self._made(place, make)
        if is_kept(place, answer):
            self._memory.put(place, answer, mark)
        return answer

    async def _made(self, place: Place, make: Make) -> Answer:
        """Have an answer made, by this process or by another that is at it."""
        if self._locks is None:
            return await self._kept(place, make)
        if not await self._locks.take(place):
            return await self._awaited(place, self._locks) or await self._kept(place, make)
        try:
            # Another may have made it, and given back the lock, since we looked.
            return await self._cached(place, again=True) or await self._kept(place, make)
        finally:
            await self._locks.release(place)

    async def _kept(self, place: Place, make: Make) -> Answer:
        self._hits.count(ROUTES, place.kind.title, hit=True)
        answer = await make()
        cache = self._follower.cache
        if cache and is_kept(place, answer):
            seconds = Kind.ABSENT.seconds if answer.status == NOT_FOUND else None
            await cache.fill(place, pack(answer), sequence_of(answer), seconds)
        return answer

    async def _awaited(self, place: Place, locks: FillLocks) -> Answer | None:
        """Wait for what another process is making, for as long as its lock may live."""
        for _ in range(round(SECONDS / _LOOK_SECONDS)):
            if answer := await self._cached(place, again=True):
                return answer
            if not await locks.is_taken(place):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return await self._cached(place, again=True)

    async def _cached(self, place: Place, *, again: bool = False) -> Answer | None:
        return await self._read(place, again=again) if self._follower.current else None

    async def _read(self, place: Place, *, again: bool = False) -> Answer | None:
        cache = self._follower.cache
        packed = await cache.get(place, again=again) if cache else None
        return unpack(packed) if packed else None


def is_kept(place: Place, answer: Answer) -> bool:
    """Tell whether an answer may be given again: what was found, or that a record is not there."""
    if isinstance(place, RecordPlace):
        return bool(answer.as_of) and answer.status in (OK, NOT_FOUND)
    return answer.status == OK
