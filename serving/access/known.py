"""Keys that were validated a moment ago, so that most requests ask nobody; and their counts."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import time

import orjson

from common.cache import Values
from common.cache.keys import Keys, Kind
from common.errors import TransientError
from serving.access.keys import Key, KeyTables, Use

_LOOK_SECONDS = 1.0
"""How long a process believes what it knows without a look at the cache, where keys are revoked."""

_MOST = 20_000
"""Known at once; of the longest unused the counts are written when they are pushed out."""

_REVOKED = b"revoked"


@dataclass(slots=True)
class _Known:
    """A key until ``until``, looked for in the cache at ``looked``; its use not yet written."""

    key: Key
    until: float
    looked: float
    requests: int = 0
    cost: int = 0


class KnownKeys:
    """Validated keys, for five minutes at most; see `find`.  ``clock`` gives seconds since 1970."""

    def __init__(
        self, tables: KeyTables, values: Values, keys: Keys, clock: Callable[[], float] = time
    ) -> None:
        self._tables = tables
        self._values = values
        self._keys = keys
        self._clock = clock
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._unwritten: list[Use] = []

    async def find(self, digest: bytes, cost: int) -> Key | None:
        """Count a request with the key of this hash; return the key, None where it is not valid.

        Raises `TransientError` when it has to be asked and PostgreSQL does not answer.
        """
        now = self._clock()
        known = self._known.get(digest)
        if known is not None and now < known.until:
            if now - known.looked >= _LOOK_SECONDS:
                known.looked = now  # before the answer is here: one looks, the others go on
                await self._look_again(digest)
            if digest in self._known:
                return self._counted(digest, cost)
        return await self._find(digest, cost, now)

    def knows(self, digest: bytes) -> bool:
        """Tell whether a key was found valid not long ago."""
        return digest in self._known

    async def write_counts(self) -> None:
        """Write what was counted; a key that is not valid any more is known no longer."""
        uses, self._unwritten = [*self._unwritten, *self._take_counts()], []
        if not uses:
            return
        valid = None
        try:
            valid = await self._tables.use(uses)
        finally:
            if valid is None:
                self._unwritten += uses
        for use in uses:
            if use.hash not in valid:
                self._forget(use.hash)
                with suppress(TransientError):  # else it is found there again
                    await revoke_in_cache(self._values, self._keys, use.hash)

    def _take_counts(self) -> list[Use]:
        uses = []
        for digest, known in self._known.items():
            if known.requests:
                uses.append(Use(digest, known.requests, known.cost))
                known.requests = known.cost = 0
        return uses

    def _counted(self, digest: bytes, cost: int) -> Key:
        known = self._known[digest]
        self._known.move_to_end(digest)
        known.requests += 1
        known.cost += cost
        return known.key

    async def _look_again(self, digest: bytes) -> None:
        """Know a key no longer that was revoked, or of which the cache knows nothing."""
        try:
            held = await self._values.get(key_in_cache(self._keys, digest))
        except TransientError:
            return
        if held is None or held == _REVOKED:
            self._forget(digest)

    async def _find(self, digest: bytes, cost: int, now: float) -> Key | None:
        """Find a key in the cache, else in PostgreSQL."""
        try:
            held = await self._values.get(key_in_cache(self._keys, digest))
        except TransientError:
            held = None
        if held == _REVOKED:
            return None
        if held:
            name, per_minute, until = orjson.loads(held)
            if now < until:
                self._keep(digest, _Known(Key(name, per_minute), until, now))
                return self._counted(digest, cost)
        return await self._validate(digest, cost, now)

    async def _validate(self, digest: bytes, cost: int, now: float) -> Key | None:
        found = (await self._tables.use([Use(digest, 1, cost)])).get(digest)
        if found is None:
            return None
        until = now + Kind.API_KEY.seconds
        self._keep(digest, _Known(found, until, now))
        value = orjson.dumps((found.name, found.per_minute, until))
        with suppress(TransientError):
            # Only where there is nothing: the key may have been revoked since it was read.
            name = key_in_cache(self._keys, digest)
            await self._values.setnx(name, value, Kind.API_KEY.seconds)
        return found

    def _keep(self, digest: bytes, known: _Known) -> None:
        self._forget(digest)
        self._known[digest] = known
        if len(self._known) > _MOST:
            self._forget(next(iter(self._known)))

    def _forget(self, digest: bytes) -> None:
        """Know a key no longer; what was counted of it is still to be written."""
        known = self._known.pop(digest, None)
        if known and known.requests:
            self._unwritten.append(Use(digest, known.requests, known.cost))


def key_in_cache(keys: Keys, digest: bytes) -> str:
    """Return where a validated key stands."""
    return keys.of(Kind.API_KEY, digest.hex()[:32])


async def revoke_in_cache(values: Values, keys: Keys, digest: bytes) -> None:
    """Have every process refuse a key within a second; raise `TransientError` without an answer.

    A word stands in its place: who has just found it valid must not write that over it.
    """
    await values.set(key_in_cache(keys, digest), _REVOKED, Kind.API_KEY.seconds)
