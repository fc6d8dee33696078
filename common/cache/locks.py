"""Locks between processes: they save work, or, by their fence, tell an old holder from a new one.

A lock is ``token:fence``.  It runs out by itself; a holder that was stopped for longer may still
believe in it.  What it writes then has to bear its fence, and be refused behind a higher one.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import time

from common.cache.keys import Keys, Kind
from common.cache.protocol import Values
from common.cache.scripts import DELETE_IF, EXPIRE_IF, Script, Table, milliseconds, seconds_of


def _take(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> bytes | None:
    lock, last = keys
    token, lifetime, least, kept = arguments
    if table.read(lock) is not None:
        return None
    fence = b"%d" % max(int(table.read(last) or 0) + 1, int(least))
    table.write(last, fence, seconds_of(kept))
    table.write(lock, token + b":" + fence, seconds_of(lifetime))
    return fence


_TAKE = Script(
    """
    if redis.call('EXISTS', KEYS[1]) == 1 then return false end
    local fence = tonumber(redis.call('GET', KEYS[2]) or '0') + 1
    if fence < tonumber(ARGV[3]) then fence = tonumber(ARGV[3]) end
    local text = string.format('%.0f', fence)
    redis.call('SET', KEYS[2], text, 'PX', ARGV[4])
    redis.call('SET', KEYS[1], ARGV[1] .. ':' .. text, 'PX', ARGV[2])
    return text
    """,
    _take,
)
"""Lock, last fence; token, milliseconds, least fence, milliseconds of the fence: the fence."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that was taken; ``fence`` is higher than that of whoever had it before."""

    name: str
    token: str
    fence: int

    @property
    def value(self) -> str:
        """What stands at its key while it is ours."""
        return f"{self.token}:{self.fence}"


class Locks:
    """Locks by name on one place of values; methods raise `TransientError` when that is gone.

    ``clock`` gives seconds since 1970: fences begin there, so that they grow even where the place
    was emptied.
    """

    def __init__(self, values: Values, keys: Keys, clock: Callable[[], float] = time) -> None:
        self._values = values
        self._keys = keys
        self._clock = clock

    async def take(self, name: str, seconds: float = Kind.LOCK.seconds) -> Lock | None:
        """Take a lock for a time, None when another has it."""
        token = secrets.token_hex(8)
        keys = (self._keys.of(Kind.LOCK, name), self._keys.of(Kind.FENCE, name))
        least = int(self._clock() * 1000)
        kept = milliseconds(Kind.FENCE.seconds)
        fence = await self._values.run(_TAKE, keys, (token, milliseconds(seconds), least, kept))
        return None if fence is None else Lock(name, token, int(fence))

    async def extend(self, lock: Lock, seconds: float = Kind.LOCK.seconds) -> bool:
        """Hold a lock for so long from now; False when it is ours no more."""
        arguments = (lock.value, milliseconds(seconds))
        return await self._values.run(EXPIRE_IF, [self._key(lock)], arguments) == 1

    async def release(self, lock: Lock) -> bool:
        """Give a lock back; False when it was ours no more."""
        return await self._values.run(DELETE_IF, [self._key(lock)], [lock.value]) == 1

    @asynccontextmanager
    async def held(
        self, name: str, seconds: float = Kind.LOCK.seconds
    ) -> AsyncIterator[Lock | None]:
        """Hold a lock for the length of a ``with``, or None when another has it."""
        lock = await self.take(name, seconds)
        try:
            yield lock
        finally:
            if lock:
                await self.release(lock)

    def _key(self, lock: Lock) -> str:
        return self._keys.of(Kind.LOCK, lock.name)
