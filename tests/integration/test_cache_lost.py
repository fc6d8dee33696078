"""A server of the cache that is killed, frozen, or comes back with an old snapshot.

No error reaches who asks, no call waits for longer than its deadline, and nothing old is given.
"""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from common.cache import Values, open_values
from common.cache.breaker import FAILURES
from common.cache.catalogue import CatalogueCache
from common.cache.compression import Codec
from common.cache.keys import Keys, RecordPlace
from common.cache.limits import RateLimiter
from common.cache.manager import CacheManager, Periods
from common.cache.protocol import CacheLostError
from common.cache.statistics import Hits
from common.entities import Entity
from tests.contract.caches import Clock, cache_at
from tests.isolation import url_of
from tests.servers import started
from waxline.servers.state import Endpoint
from waxline.servers.valkey import Valkey

RELEASE = Entity.RELEASE
PLACE = RecordPlace(RELEASE, 1, "v1")
OTHER = RecordPlace(RELEASE, 2, "v1")
DEADLINE = 0.2
PATIENCE = 30.0
"""s, by which a call has ended for certain; a driver of its own accord would wait for ever."""


class Snapshots(Valkey):
    """Valkey as Dragonfly is: with snapshots, and no append-only file."""

    def prepare(self, endpoint: Endpoint) -> None:
        """Turn the append-only file off."""
        super().prepare(endpoint)
        with (self.folder / "valkey.conf").open("a", encoding="utf-8") as file:
            file.write("appendonly no\n")

    @property
    def snapshot(self) -> Path:
        """The file that it begins with."""
        return self.folder / "dump.rdb"

    def save(self) -> None:
        """Write a snapshot now."""
        with redis.Redis.from_url(url_of(self), socket_timeout=PATIENCE) as client:
            client.save()

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.stop(signal.SIGKILL, PATIENCE)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have it stand still for the length of a ``with``."""
        process = self.process.alive()
        assert process is not None
        process.suspend()
        try:
            yield
        finally:
            process.resume()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Snapshots]:
    with started(Snapshots("v", tmp_path)) as server:
        yield server


@pytest.fixture
async def values(server: Snapshots) -> AsyncIterator[Values]:
    there = open_values(cache_at(url_of(server), DEADLINE))
    yield there
    await there.close()


def following(values: Values) -> CatalogueCache:
    cache = CatalogueCache(values, "identity", Codec(None), Hits())
    cache.follow(RELEASE, 100)
    return cache


async def filled(cache: CatalogueCache, place: RecordPlace, value: bytes, sequence: int) -> None:
    """Fill a place, as soon as the server is there again."""

    async def fill() -> bool:
        await cache.get(place)
        return await cache.fill(place, value, sequence)

    await until(fill)


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Ask until the answer is yes."""
    waiting = AsyncRetrying(
        retry=retry_if_result(lambda answer: not answer),
        stop=stop_after_delay(PATIENCE),
        wait=wait_fixed(0.05),
    )
    await waiting(done)


async def is_of_no_use(cache: CatalogueCache, sequence: int) -> None:
    """Ask for everything, of a server that is gone: nothing raises, or waits."""
    async with asyncio.timeout(PATIENCE):
        for _ in range(2):
            assert await cache.get(OTHER) is None
            assert not await cache.fill(OTHER, b"old", 100)
            await cache.drop(RELEASE, [1], sequence)
            assert await cache.applied(RELEASE) is None


async def test_a_killed_server_costs_nothing_but_time(server: Snapshots, values: Values) -> None:
    cache = following(values)
    await filled(cache, PLACE, b"old", 100)
    await filled(cache, OTHER, b"other", 100)
    server.kill()
    await is_of_no_use(cache, 101)
    server.start()
    await filled(cache, PLACE, b"new", 101)
    assert await cache.get(PLACE) == b"new"


async def test_what_changed_while_a_server_was_frozen_is_dropped(
    server: Snapshots, values: Values
) -> None:
    cache = following(values)
    await filled(cache, PLACE, b"old", 100)
    with server.frozen():
        await is_of_no_use(cache, 101)
    await filled(cache, OTHER, b"other", 101)  # it is there again, and has kept all that it had
    assert await cache.get(PLACE) is None


async def test_an_old_snapshot_gives_nothing_old(server: Snapshots, values: Values) -> None:
    cache = following(values)
    await filled(cache, PLACE, b"old", 100)
    server.save()
    kept = server.snapshot.with_suffix(".kept")
    shutil.copy(server.snapshot, kept)
    await cache.drop(RELEASE, [1], 101)
    await filled(cache, PLACE, b"new", 101)
    server.kill()
    shutil.copy(kept, server.snapshot)
    server.start()
    restored = open_values(cache_at(url_of(server), PATIENCE))
    assert await following(restored).get(PLACE) == b"old"  # so it is there
    await restored.close()
    await filled(cache, OTHER, b"other", 101)
    assert await cache.get(PLACE) is None
    await filled(cache, PLACE, b"new", 101)
    assert await cache.get(PLACE) == b"new"


async def test_a_server_that_is_gone_is_not_waited_for_by_each(
    server: Snapshots, values: Values
) -> None:
    assert await values.get("k") is None
    with server.frozen():
        for _ in range(FAILURES):
            with pytest.raises(CacheLostError, match="does not answer"):
                await values.get("k")
        assert values.is_lost
        with pytest.raises(CacheLostError, match="is not asked"):
            await values.get("k")
    await values.check()
    assert await values.get("k") is None


async def test_each_process_gives_its_share_of_a_limit_while_the_server_is_gone(
    server: Snapshots, values: Values
) -> None:
    server.kill()
    limiter = RateLimiter(values, Keys("x"), processes=3, clock=Clock())
    given = [(await limiter.take("one", "read", 60)).allowed for _ in range(30)]
    assert given == [True] * 20 + [False] * 10
    server.start()
    await values.check()
    assert (await limiter.take("one", "read", 60)).allowed


async def test_the_manager_connects_again_by_itself(server: Snapshots, values: Values) -> None:
    periods = Periods(watch=0.05, clean=0.05, publish=0.05)
    places = {"cache": values}
    cleaned = asyncio.Event()

    async def there() -> bool:
        return not values.is_lost

    def clean() -> int:
        cleaned.set()
        return 0

    manager = CacheManager(
        places, Keys("x"), Hits(), published_in="cache", cleaners=[clean], periods=periods
    )
    server.kill()
    async with asyncio.timeout(PATIENCE), manager:
        await cleaned.wait()
        for _ in range(FAILURES + 1):
            (health,) = await manager.health()
        assert not health.answers
        assert "the cache at" in health.reason
        server.start()
        await until(there)
        (health,) = await manager.health()
        assert (health.answers, health.reason) == (True, "")
        assert health.milliseconds > 0
