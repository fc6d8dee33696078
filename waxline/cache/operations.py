"""Every operation that is asked of a server, once: whether it does what it should."""

from collections.abc import Awaitable, Callable

from common.cache import Values
from common.cache.catalogue import CatalogueCache
from common.cache.compression import Codec, shipped_dictionary
from common.cache.invalidation import drop_matching
from common.cache.json_values import read_json, write_json
from common.cache.keys import Keys, Kind, RecordPlace
from common.cache.limits import RateLimiter
from common.cache.locks import Locks
from common.cache.progress import ProgressCache
from common.cache.sessions import Sessions
from common.cache.statistics import Hits
from common.entities import Entity

Operation = Callable[[Values, Keys], Awaitable[bool]]
"""Does something on keys of its own; tells whether it came out right."""

_SECONDS = 60.0
_ANSWER = b'{"id":1,"title":"Stockholm"}' * 20


async def connect(values: Values, _keys: Keys) -> bool:
    """Connect, and be let in."""
    await values.check()
    return True


async def _set(values: Values, keys: Keys) -> bool:
    key = keys.of(Kind.PROFILE, "set")
    await values.set(key, b"1", _SECONDS)
    before = await values.getset(key, b"2", _SECONDS)
    return (before, await values.get(key)) == (b"1", b"2")


async def _exists(values: Values, keys: Keys) -> bool:
    key = keys.of(Kind.PROFILE, "exists")
    made = await values.setnx(key, b"1", _SECONDS), await values.setnx(key, b"2", _SECONDS)
    counts = await values.exists(key), await values.delete(key), await values.exists(key)
    return (*made, *counts) == (True, False, 1, 1, 0)


async def _incr(values: Values, keys: Keys) -> bool:
    key = keys.of(Kind.PROFILE, "incr")
    return [await values.incr(key, 2, _SECONDS) for _ in "12"] == [2, 4]


async def _many(values: Values, keys: Keys) -> bool:
    names = [keys.of(Kind.PROFILE, "many", str(number)) for number in range(300)]
    await values.mset(dict.fromkeys(names, b"1"), _SECONDS)
    return await values.mget([*names, keys.of(Kind.PROFILE)]) == [b"1"] * 300 + [None]


async def _expire(values: Values, keys: Keys) -> bool:
    key = keys.of(Kind.PROFILE, "expire")
    await values.set(key, b"1", _SECONDS)
    changed = await values.expire(key, 10 * _SECONDS)
    left = await values.ttl(key)
    return changed and left is not None and _SECONDS < left <= 10 * _SECONDS


async def _scan(values: Values, keys: Keys) -> bool:
    names = {keys.of(Kind.PREFERENCES, str(number)) for number in range(20)}
    await values.mset(dict.fromkeys(names, b"1"), _SECONDS)
    found = [part async for part in values.scan(keys.pattern(Kind.PREFERENCES))]
    return {name for part in found for name in part} == names


async def _json(values: Values, keys: Keys) -> bool:
    document = {"name": "é", "ids": [1, 2]}
    await write_json(values, keys.of(Kind.PROFILE, "json"), document, _SECONDS)
    return bool(await read_json(values, keys.of(Kind.PROFILE, "json")) == document)


async def _lock(values: Values, keys: Keys) -> bool:
    locks = Locks(values, keys)
    first, second = await locks.take("check"), await locks.take("check")
    if first is None or second is not None:
        return False
    return await locks.extend(first) and await locks.release(first)


async def _limit(values: Values, keys: Keys) -> bool:
    limiter = RateLimiter(values, keys)
    given = [(await limiter.take("check", "check", 20)).allowed for _ in range(30)]
    return 20 <= sum(given) <= 22


async def _session(values: Values, keys: Keys) -> bool:
    sessions = Sessions(values, keys)
    first = await sessions.begin("check", {})
    second = await sessions.refresh(first.refresh)
    return second is not None and await sessions.find(second.session) is not None


async def _progress(values: Values, keys: Keys) -> bool:
    progress = ProgressCache(values, keys)
    await progress.put("check", {"read": 1})
    return await progress.active() == ["check"]


async def _guarded(values: Values, keys: Keys) -> bool:
    """Fill, drop, and fill too late: that must be refused."""
    cache, late = (_catalogue(values, keys) for _ in "12")
    place = RecordPlace(Entity.RELEASE, 1, "v1")
    filled = await cache.fill(place, _ANSWER, 1) and await late.get(place) == _ANSWER
    await cache.drop(Entity.RELEASE, [1], 2)
    return filled and await cache.get(place) is None and not await late.fill(place, _ANSWER, 1)


def _catalogue(values: Values, keys: Keys) -> CatalogueCache:
    identity = keys.of(Kind.RECORD).split(":")[1]
    cache = CatalogueCache(values, identity, Codec(shipped_dictionary()), Hits())
    cache.follow(Entity.RELEASE, 1)
    return cache


async def _drop(values: Values, keys: Keys) -> bool:
    names = [keys.of(Kind.STAR, str(number)) for number in range(20)]
    await values.mset(dict.fromkeys(names, b"1"), _SECONDS)
    return await drop_matching(values, keys.pattern(Kind.STAR)) == 20


OPERATIONS: dict[str, Operation] = {
    "get, set, getset": _set,
    "setnx, exists, delete": _exists,
    "incr": _incr,
    "mget, mset": _many,
    "expire, ttl": _expire,
    "scan": _scan,
    "JSON": _json,
    "lock, with fence": _lock,
    "rate limit": _limit,
    "session, refresh": _session,
    "progress": _progress,
    "guarded fill": _guarded,
    "drop by pattern": _drop,
}
