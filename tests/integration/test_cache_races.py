"""Fills, changes and drops at once, in several processes' caches over one real server.

What is read before a change and filled after its drop is what a plain DELETE leaves stale for good.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from common.cache import Values, open_values
from common.cache.catalogue import CatalogueCache
from common.cache.compression import Codec
from common.cache.invalidation import drop_matching
from common.cache.keys import CatalogueKeys, Kind, Place, RecordPlace
from common.cache.statistics import Hits
from common.entities import Entity
from tests.contract.caches import cache_at

RELEASE = Entity.RELEASE
IDENTITY = "identity"
IDS = range(1, 13)
PROCESSES = 3
CHANGES = 120
READS = 250
PATIENCE = 120.0


class Cache(Protocol):
    """What is tried: the guarded way, and the naive one."""

    async def get(self, place: Place) -> bytes | None: ...

    async def fill(self, place: Place, value: bytes, sequence: int) -> bool: ...

    async def drop(self, entity: Entity, ids: Collection[int], sequence: int) -> None: ...


class NaiveCache:
    """Sets what was read, and deletes what has changed."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._keys = CatalogueKeys(IDENTITY)

    async def get(self, place: Place) -> bytes | None:
        return await self._values.get(self._keys.of(place))

    async def fill(self, place: Place, value: bytes, sequence: int) -> bool:
        del sequence
        await self._values.set(self._keys.of(place), value, 60)
        return True

    async def drop(self, entity: Entity, ids: Collection[int], sequence: int) -> None:
        del sequence
        await self._values.delete(*(self._keys.record(entity, one, "v1") for one in ids))


def guarded(values: Values) -> Cache:
    cache = CatalogueCache(values, IDENTITY, Codec(None), Hits())
    cache.follow(RELEASE, 0)
    return cache


@dataclass
class Database:
    """Records by id, and the change feed, which is as long as the sequence is high."""

    records: dict[int, int] = field(default_factory=lambda: dict.fromkeys(IDS, 0))
    feed: list[list[int]] = field(default_factory=list)
    finished: bool = False

    def change(self, ids: list[int]) -> None:
        """Commit a change of records, and its row of the feed."""
        for one in ids:
            self.records[one] += 1
        self.feed.append(ids)

    def read(self, record_id: int) -> tuple[bytes, int]:
        """Return a record and the sequence, of one snapshot."""
        return b"%d" % self.records[record_id], len(self.feed)


class Night:
    """Processes that read, fill and follow, and a loader, all at once."""

    def __init__(
        self,
        caches: list[Cache],
        seed: int,
        strike: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.database = Database()
        self.caches = caches
        self.hits = 0
        self._strike = strike or nothing
        self._random = random.Random(seed)
        self._dropped = [0] * len(caches)
        self._midway = asyncio.Event()
        self._all_dropped = asyncio.Event()

    async def run(self) -> None:
        """Let all of it happen, and every follower come to the end of the feed."""
        for cache in self.caches:
            await cache.get(place_of(1))  # its state is older than all that changes
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            group.create_task(self._load())
            for number, cache in enumerate(self.caches):
                group.create_task(self._follow(number, cache))
                group.create_task(self._late(cache))
                for _ in range(2):
                    group.create_task(self._read(cache))

    async def stale(self) -> list[int]:
        """Return the ids of which some process is given something old."""
        return [
            one
            for cache in self.caches
            for one in IDS
            if await cache.get(place_of(one)) not in (None, self.database.read(one)[0])
        ]

    async def _load(self) -> None:
        for number in range(CHANGES):
            if number == CHANGES // 2:
                self._midway.set()
            self.database.change(self._random.sample(IDS, self._random.randint(1, 3)))
            await self._pause(12)
            if number % 15 == 0:
                await self._strike()
        self.database.finished = True

    async def _read(self, cache: Cache) -> None:
        for _ in range(READS):
            one = self._random.choice(IDS)
            if await cache.get(place_of(one)) is not None:
                self.hits += 1
                continue
            value, sequence = self.database.read(one)
            await self._pause(20)  # what the statement's answer, and the network, take
            await cache.fill(place_of(one), value, sequence)

    async def _late(self, cache: Cache) -> None:
        """Read every record midway, and fill it when all changes were dropped everywhere."""
        await self._midway.wait()
        held = {one: self.database.read(one) for one in IDS}
        await self._all_dropped.wait()
        await self._strike()
        for one, (value, sequence) in held.items():
            await cache.fill(place_of(one), value, sequence)

    async def _follow(self, number: int, cache: Cache) -> None:
        while not self.database.finished or self._dropped[number] < len(self.database.feed):
            for ids in self.database.feed[self._dropped[number] :]:
                await cache.drop(RELEASE, ids, self._dropped[number] + 1)
                self._dropped[number] += 1
            await self._pause(6)
        if min(self._dropped) == len(self.database.feed):
            self._all_dropped.set()

    async def _pause(self, most: int) -> None:
        for _ in range(self._random.randint(1, most)):
            await asyncio.sleep(0)


async def nothing() -> None:
    """Let the server be."""


def place_of(record_id: int) -> RecordPlace:
    return RecordPlace(RELEASE, record_id, "v1")


@pytest.fixture
async def places(valkey_url: str) -> AsyncIterator[list[Values]]:
    """A place of values of each process, on one server."""
    found = [open_values(cache_at(valkey_url)) for _ in range(PROCESSES)]
    yield found
    for one in found:
        await one.close()


async def night_of(make: Callable[[Values], Cache], places: list[Values], seed: int) -> Night:
    night = Night([make(place) for place in places], seed)
    await night.run()
    return night


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_stays_old_that_is_filled_late(places: list[Values], seed: int) -> None:
    night = await night_of(guarded, places, seed)
    assert await night.stale() == []
    assert night.hits > PROCESSES * READS  # of twice as many


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_naive_way_fails_the_same_test(places: list[Values], seed: int) -> None:
    night = await night_of(NaiveCache, places, seed)
    assert await night.stale()


class Mishaps:
    """What happens to a server's content: each time it strikes, more of it is gone or old."""

    def __init__(self, place: Values) -> None:
        self._place = place
        self._before: dict[str, bytes] = {}

    async def emptied(self) -> None:
        """Lose all that is there."""
        await drop_matching(self._place, "wx:*")

    async def evicted(self) -> None:
        """Lose the tombstones, as a server that is full may evict them."""
        await drop_matching(self._place, f"wx:*:{Kind.TOMBSTONE.word}:*")

    async def restored(self) -> None:
        """Have all as it was when this struck the last time."""
        names = [name async for keys in self._place.scan("wx:*") for name in keys]
        held = zip(names, await self._place.mget(names), strict=True)
        await self.emptied()
        await self._place.mset(self._before, 60)
        self._before = {name: value for name, value in held if value is not None}


@pytest.mark.parametrize("mishap", ["emptied", "evicted", "restored"])
async def test_nothing_stays_old_where_the_server_loses_things(
    places: list[Values], mishap: str
) -> None:
    strike = getattr(Mishaps(places[0]), mishap)
    night = Night([guarded(place) for place in places], seed=3, strike=strike)
    await night.run()
    assert await night.stale() == []
