"""Cached answers: what a hit costs beside a plain GET, and what compression saves."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.bench import Bench
from benchmarks.dumps import Dump
from benchmarks.servers import STORE, started
from benchmarks.turns import Stage, Stopwatch
from common.cache import Values, open_values
from common.cache.catalogue import CatalogueCache
from common.cache.compression import Codec, shipped_dictionary
from common.cache.keys import RecordPlace
from common.cache.statistics import Hits
from common.entities import Entity
from config.settings import load_settings
from generator import Plan
from tests.dictionary import answers

_ANSWERS = 500
_SECONDS = 600
_TIMEOUT = 10.0
_SEED = 7
"""Of another catalogue than the dictionary's."""

_GET = "redis-py GET"

Get = Callable[[int], Awaitable[bytes | None]]


async def measure_cache(bench: Bench) -> None:
    """Measure hits by turns, beside redis-py's GET of the same bytes from the same server."""
    plan = Plan(releases=_ANSWERS, seed=_SEED)
    found = list(islice(answers(plan, Entity.RELEASE), _ANSWERS))
    _tell_sizes(found)
    asked = max(_ANSWERS, bench.sizes.releases // 20)
    dump = Dump(Path(), Entity.RELEASE, asked, asked * sum(map(len, found)) // len(found))
    with started(STORE, bench.cache) as servers:
        url = servers.urls["store"]
        values = open_values(load_settings(cache_url=url, cache_timeout=_TIMEOUT).server("cache"))
        async with Redis.from_url(url, protocol=2) as client:
            codec = Codec(shipped_dictionary())
            gets = {
                _GET: await _plain(client, found),
                "hit, not compressed": await _catalogue(values, found, _Uncompressed(None)),
                "hit, compressed": await _catalogue(values, found, codec),
                "hit in memory, compressed": await _catalogue(open_values(None), found, codec),
            }
            await bench.clock(*(_stage(name, dump, get) for name, get in gets.items()))
        await values.close()


def _stage(name: str, dump: Dump, get: Get) -> Stage:
    """Return one answer after the other, on one connection."""

    async def action(watch: Stopwatch) -> None:
        numbers = list(islice(cycle(range(_ANSWERS)), dump.records))
        with watch:
            missed = sum([await get(number) is None for number in numbers])
        assert not missed, f"{missed} of {dump.records} were missed"

    title, floors = (f"floor: {name} alone", ()) if name == _GET else (name, (_GET,))
    return Stage("cache", name, title, "answers, one after the other", dump, action, floors)


async def _plain(client: Redis, found: Sequence[bytes]) -> Get:
    for number, answer in enumerate(found):
        await client.set(f"plain:{number}", answer, ex=_SECONDS)

    async def get(number: int) -> bytes | None:
        value: Any = await client.get(f"plain:{number}")
        return bytes(value)

    return get


async def _catalogue(values: Values, found: Sequence[bytes], codec: Codec) -> Get:
    """Return a look into the cache as the layers of `waxline serve` have it."""
    cache = CatalogueCache(values, type(codec).__name__, codec, Hits())
    cache.follow(Entity.RELEASE, 1)
    for number, answer in enumerate(found):
        assert await cache.fill(RecordPlace(Entity.RELEASE, number, "v1"), answer, 1)

    async def get(number: int) -> bytes | None:
        return await cache.get(RecordPlace(Entity.RELEASE, number, "v1"))

    return get


class _Uncompressed(Codec):
    """Leaves values as they are."""

    def pack(self, value: bytes) -> bytes:
        return value

    def unpack(self, packed: bytes | None) -> bytes | None:
        return packed


def _tell_sizes(found: Sequence[bytes]) -> None:
    plain = sum(map(len, found))
    for name, dictionary in (("with", shipped_dictionary()), ("without", None)):
        codec = Codec(dictionary)
        packed = sum(len(codec.pack(one) or b"") for one in found)
        print(f"  {plain / packed:.1f} bytes in one, {name} a dictionary", flush=True)
