"""How often somebody may do something in a minute, over all processes.

A call to a server costs four hundred times what a look into a dictionary does, so tokens are drawn
in parts: an eighth of what is left, so that little is held back in the end.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import time
from typing import NamedTuple

from common.cache.keys import Keys, Kind, digest_of
from common.cache.protocol import Values
from common.errors import TransientError

_WINDOW = 60

MOST_BUCKETS = 50_000
"""Held by a process: some 20 MB.  What the oldest had drawn is lost to its owner."""

_FREE = 10
"""A tenth of a limit is given by the processes without asking: most callers come once or twice."""

_PART = 8


class Verdict(NamedTuple):
    """Whether something may be done; ``reset`` seconds are left of the minute."""

    allowed: bool
    limit: int
    remaining: int
    reset: int


@dataclass(slots=True)
class _Bucket:
    """What a process knows of one window.

    It holds ``tokens`` and has given out ``taken``; of ``drawn``, by all, ``own`` were for it.
    ``spent`` when there is nothing left to be drawn.  One draws at a time: else who gets nothing
    any more could be answered before what another has drawn is there.
    """

    window: int
    tokens: int
    taken: int = 0
    own: int = 0
    drawn: int = 0
    spent: bool = False
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimiter:
    """Limits by user and action; see `take`.

    ``processes`` share a limit: by so much less each gives without asking, or when there is no
    answer.  ``clock`` gives seconds since 1970, the same in all processes.
    """

    def __init__(
        self, values: Values, keys: Keys, processes: int = 1, clock: Callable[[], float] = time
    ) -> None:
        self._values = values
        self._keys = keys
        self._processes = processes
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    async def take(self, who: str, action: str, limit: int, cost: int = 1) -> Verdict:
        """Take tokens of a minute's limit; never raises, and never takes part of a cost.

        Over all processes a limit is exceeded by a tenth at most.  Without an answer each gives
        its share of it.
        """
        now = self._clock()
        window = int(now // _WINDOW)
        bucket = self._bucket(who, action, window, limit)
        if bucket.tokens < cost and not bucket.spent:
            async with bucket.drawing:
                if bucket.tokens < cost and not bucket.spent:
                    await self._draw(bucket, self._key(who, action, window), limit, cost)
        allowed = bucket.tokens >= cost
        if allowed:
            bucket.tokens -= cost
            bucket.taken += cost
        others = bucket.drawn - bucket.own
        remaining = max(0, limit - bucket.taken - others)
        return Verdict(allowed, limit, remaining, reset=math.ceil((window + 1) * _WINDOW - now))

    def clean(self) -> int:
        """Forget the buckets of windows that are over; return how many there were."""
        window = int(self._clock() // _WINDOW)
        over = [key for key, bucket in self._buckets.items() if bucket.window < window]
        for key in over:
            del self._buckets[key]
        return len(over)

    def __len__(self) -> int:
        return len(self._buckets)

    def _bucket(self, who: str, action: str, window: int, limit: int) -> _Bucket:
        bucket = self._buckets.get((who, action))
        if bucket is None or bucket.window != window:
            free = limit // (_FREE * self._processes)
            bucket = self._buckets[who, action] = _Bucket(window, free)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end((who, action))
        return bucket

    def _key(self, who: str, action: str, window: int) -> str:
        return self._keys.of(Kind.RATE, digest_of(who), action, str(window))

    async def _draw(self, bucket: _Bucket, key: str, limit: int, cost: int) -> None:
        """Draw tokens for a bucket, as many as are left at most."""
        wanted = max(cost, (limit - bucket.drawn) // _PART)
        try:
            drawn = await self._values.incr(key, wanted, Kind.RATE.seconds)
        except TransientError:
            share = max(1, limit // self._processes)
            bucket.tokens = max(bucket.tokens, share - bucket.taken)
            return
        got = max(0, wanted - max(0, drawn - limit))
        bucket.tokens += got
        bucket.own += got
        bucket.drawn = min(drawn, limit)
        bucket.spent = drawn >= limit
