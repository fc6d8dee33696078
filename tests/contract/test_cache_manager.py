"""The life of the caches in a process, on every place of values."""

import asyncio

from common.cache import Values
from common.cache.keys import Keys, Kind
from common.cache.manager import CacheManager, Health, published_shares
from common.cache.statistics import Hits, Share
from common.errors import TransientError


def managed(values: Values, keys: Keys, hits: Hits) -> CacheManager:
    return CacheManager({"cache": values}, keys, hits, published_in="cache")


async def test_what_processes_count_is_published_and_added(values: Values, keys: Keys) -> None:
    for number in range(3):
        hits = Hits()
        hits.count("front", "record", hit=number > 0)
        hits.count("cache", "record", hit=True)
        await managed(values, keys, hits).publish()
    assert await published_shares(values, keys) == [
        Share("cache", "record", 3, 3),
        Share("front", "record", 2, 3),
    ]
    (names,) = [found async for found in values.scan(keys.pattern(Kind.STATISTICS))]
    left = await values.ttl(names[0])
    assert left is not None
    assert left <= Kind.STATISTICS.seconds


async def test_health_is_told(values: Values, keys: Keys) -> None:
    (health,) = await managed(values, keys, Hits()).health()
    assert health == Health("cache", values.where, True, health.milliseconds)


async def test_answers_are_made_ahead_a_few_at_once(values: Values, keys: Keys) -> None:
    at_work: set[int] = set()
    most = []

    async def make(number: int) -> None:
        at_work.add(number)
        most.append(len(at_work))
        await asyncio.sleep(0)
        at_work.remove(number)
        if number % 10 == 0:
            raise TransientError("not now")

    manager = managed(values, keys, Hits())
    assert await manager.warm(range(1, 31), make) == 27
    assert len(most) == 30
    assert 1 < max(most) <= 4
    assert await manager.warm([], make) == 0


async def test_at_the_end_counts_are_published_and_nothing_is_left_running(
    values: Values, keys: Keys
) -> None:
    hits = Hits()
    before = asyncio.all_tasks()
    async with managed(Unclosed(values), keys, hits):  # type: ignore[arg-type]
        assert len(asyncio.all_tasks()) > len(before)
        hits.count("cache", "record", hit=True)
    assert asyncio.all_tasks() == before
    assert await published_shares(values, keys) == [Share("cache", "record", 1, 1)]


class Unclosed:
    """Values that are left open at the end, so that a test can look into them."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def __getattr__(self, name: str) -> object:
        return getattr(self._values, name)

    async def close(self) -> None:
        """Leave it open."""
