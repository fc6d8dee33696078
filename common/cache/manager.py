"""The life of the caches in a process: connecting, cleaning, telling how they are, stopping."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import structlog

from common.cache.keys import Keys, Kind
from common.cache.protocol import Values
from common.cache.statistics import Hits, Share, encode_shares, summed
from common.errors import ServerError, TransientError

T = TypeVar("T")

_AT_ONCE = 4
"""Answers that are made at once to warm up: others are being asked for meanwhile."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a place of values answers, and in how many milliseconds, or why it does not."""

    name: str
    where: str
    answers: bool
    milliseconds: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Periods:
    """Seconds between one time and the next."""

    watch: float = 1.0
    clean: float = 300.0
    publish: float = 10.0


class CacheManager:
    """Looks after places of values, by name, from the beginning of a ``with`` to its end.

    It keeps no process from starting: a place that is not there is tried until it is.  What it
    finds are the events ``cache.reached`` and ``cache.lost``.  ``cleaners`` are called together
    with the places' own cleaning.  ``hits`` are published in the place named ``published_in``.
    """

    def __init__(
        self,
        places: Mapping[str, Values],
        keys: Keys,
        hits: Hits,
        *,
        published_in: str,
        cleaners: Iterable[Callable[[], int]] = (),
        periods: Periods | None = None,
    ) -> None:
        self._places = places
        self._keys = keys
        self._hits = hits
        self._published_in = places[published_in]
        self._cleaners = tuple(cleaners)
        self._periods = periods or Periods()
        self._own_key = keys.of(Kind.STATISTICS, uuid4().hex)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        every = self._periods
        watching = [self._watch(name, place) for name, place in self._places.items()]
        periodical = (_each(every.clean, self.clean), _each(every.publish, self.publish))
        self._tasks = [asyncio.create_task(one) for one in (*watching, *periodical)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop in order: what was counted is published, then all is closed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.publish()
        for place in self._places.values():
            await place.close()

    async def clean(self) -> int:
        """Forget what has run out, in this process; return how much that was."""
        places = [await place.clean() for place in self._places.values()]
        return sum(places) + sum(clean() for clean in self._cleaners)

    async def publish(self) -> None:
        """Put what was counted where `published_shares` finds it."""
        with suppress(TransientError):
            value = encode_shares(self._hits.shares())
            await self._published_in.set(self._own_key, value, Kind.STATISTICS.seconds)

    async def health(self) -> list[Health]:
        """Ask each place something; never raises."""
        return [await health_of(name, place) for name, place in self._places.items()]

    async def warm(self, wanted: Iterable[T], make: Callable[[T], Awaitable[object]]) -> int:
        """Have answers made before they are asked for, a few at once; return how many were.

        ``make`` is what answers a request; what it cannot reach is left out.
        """
        rest = iter(wanted)
        made = [_warm_from(rest, make) for _ in range(_AT_ONCE)]
        return sum(await asyncio.gather(*made))

    async def _watch(self, name: str, place: Values) -> None:
        """Connect, and connect again whenever the place was lost: no request waits for that."""
        reached = False
        while True:
            if not reached or place.is_lost:
                reached = await _reach(name, place)
            await asyncio.sleep(self._periods.watch)


async def _reach(name: str, place: Values) -> bool:
    try:
        await place.check()
    except ServerError as error:
        log.warning("cache.lost", place=name, reason=str(error))
        return False
    log.info("cache.reached", place=name, where=place.where)
    return True


async def health_of(name: str, place: Values) -> Health:
    """Return how a place answers a question."""
    began = perf_counter()
    try:
        await place.get("wx:health")
    except TransientError as error:
        return Health(name, place.where, answers=False, milliseconds=0.0, reason=str(error))
    return Health(name, place.where, answers=True, milliseconds=(perf_counter() - began) * 1000)


async def published_shares(place: Values, keys: Keys) -> list[Share]:
    """Return what all processes have counted and published lately, together.

    Raises `TransientError` when the place is gone.
    """
    found = [await place.mget(part) async for part in place.scan(keys.pattern(Kind.STATISTICS))]
    return summed(value for part in found for value in part)


async def _each(seconds: float, action: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await action()


async def _warm_from(rest: Iterable[T], make: Callable[[T], Awaitable[object]]) -> int:
    made = 0
    for one in rest:
        with suppress(ServerError):
            await make(one)
            made += 1
    return made
