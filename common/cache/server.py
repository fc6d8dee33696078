"""Values on Dragonfly, Valkey or Redis, by redis-py.

Only commands that Dragonfly documents, and scripts with their keys declared.
"""

import math
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from common.cache.breaker import Breaker
from common.cache.protocol import CacheLostError
from common.cache.scripts import ADD, Argument, Result, Script, milliseconds
from common.cache.usage import Usage, usage_of
from common.errors import ServerError, TransientError
from common.redis_client import open_client, shown, translated
from config.servers import ServerAccess

T = TypeVar("T")

_CONNECTIONS = 32
"""Of a process: who finds none free waits for one, within the deadline."""

_CALLS = 256
"""Of one pipeline: each has the deadline of one call."""

_SCAN_COUNT = 500


class ServerValues:
    """Values on a server; see `Values`.  It connects on first use, and again when need be."""

    def __init__(self, server: ServerAccess, name: str = "cache") -> None:
        self.where = f"the {name} at {shown(server.url)}"
        self._breaker = Breaker()
        self._timeout = server.timeout
        self._connect_timeout = server.connect_timeout
        self._client: Redis = open_client(
            server.url, server.connect_timeout, server.ca_file, most_connections=_CONNECTIONS
        )

    @property
    def is_lost(self) -> bool:
        """Whether several calls in a row got no answer."""
        return self._breaker.is_open

    async def check(self) -> None:
        """Raise `ServerError` when the server refuses us or is none that can serve.

        It has the deadline of a connection, and ends the pause after lost calls.
        """
        async with translated(self.where, self._connect_timeout, lost=CacheLostError):
            await self._client.mget(["wx:one", "wx:two"])  # in cluster mode that is refused
        self._breaker.succeeded()

    async def get(self, key: str) -> bytes | None:
        """Return a value."""
        async with self._guard():
            found: Any = await self._client.get(key)
        return None if found is None else bytes(found)

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Replace a value."""
        async with self._guard():
            await self._client.set(key, value, px=milliseconds(seconds))

    async def delete(self, *keys: str) -> int:
        """Delete values."""
        if not keys:
            return 0
        async with self._guard():
            return int(await self._client.unlink(*keys))

    async def exists(self, *keys: str) -> int:
        """Count values."""
        if not keys:
            return 0
        async with self._guard():
            return int(await self._client.exists(*keys))

    async def incr(self, key: str, by: int, seconds: float) -> int:
        """Add to a number."""
        return int(await self.run(ADD, [key], [by, milliseconds(seconds)]) or 0)

    async def setnx(self, key: str, value: bytes, seconds: float) -> bool:
        """Make a value where there is none."""
        async with self._guard():
            made = await self._client.set(key, value, px=milliseconds(seconds), nx=True)
        return bool(made)

    async def getset(self, key: str, value: bytes, seconds: float) -> bytes | None:
        """Replace a value and return the one before."""
        async with self._guard():
            before: Any = await self._client.set(key, value, px=milliseconds(seconds), get=True)
        return None if before is None else bytes(before)

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return several values."""
        if not keys:
            return []
        async with self._guard():
            found: Any = await self._client.mget(keys)
        return list(found)

    async def mset(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Replace several values: a SET each, as MSET could not give them a time to live."""
        for part in _parts(values.items()):
            async with self._guard(), self._client.pipeline(transaction=False) as pipe:
                for key, value in part:
                    pipe.set(key, value, px=milliseconds(seconds))
                await pipe.execute()

    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """Yield the keys that match a glob; KEYS would stop the server for all of them."""
        names: Any
        cursor = 0
        while True:
            async with self._guard():
                cursor, names = await self._client.scan(cursor, match=pattern, count=_SCAN_COUNT)
            if names:
                yield [name.decode(errors="surrogateescape") for name in names]
            if cursor == 0:
                return

    async def expire(self, key: str, seconds: float) -> bool:
        """Give a value another time to live."""
        async with self._guard():
            return bool(await self._client.pexpire(key, milliseconds(seconds)))

    async def ttl(self, key: str) -> float | None:
        """Return how long a value still lives."""
        async with self._guard():
            left = int(await self._client.pttl(key))
        return {-2: None, -1: math.inf}.get(left, left / 1000)

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Result:
        """Run a script; the server is given its text where it does not know it."""
        result: Any
        async with self._guard():
            try:
                result = await self._client.evalsha(script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                result = await self._client.eval(script.lua, len(keys), *keys, *arguments)
        return result if isinstance(result, int) else result and bytes(result)

    async def run_each(
        self, script: Script, calls: Collection[tuple[Sequence[str], Sequence[Argument]]]
    ) -> None:
        """Run a script several times, in pipelines."""
        for part in _parts(calls):
            async with self._guard():
                try:
                    await self._run_part(script, part)
                except NoScriptError:  # of none: it is the first that would have run
                    await self._client.script_load(script.lua)
                    await self._run_part(script, part)

    async def _run_part(
        self, script: Script, part: Sequence[tuple[Sequence[str], Sequence[Argument]]]
    ) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            for keys, arguments in part:
                pipe.evalsha(script.sha, len(keys), *keys, *arguments)
            await pipe.execute()

    async def usage(self) -> Usage:
        """Return what it is, and how full."""
        async with self._guard():
            info: Any = await self._client.info()
        return usage_of(info)

    async def clean(self) -> int:
        """Do nothing: the server does it."""
        return 0

    async def close(self) -> None:
        """Close the connections."""
        with suppress(TransientError):
            async with translated(self.where, self._timeout):
                await self._client.aclose()

    @asynccontextmanager
    async def _guard(self) -> AsyncIterator[None]:
        if not self._breaker.lets_through():
            raise CacheLostError(f"{self.where} is not asked: it gave no answer")
        try:
            async with translated(self.where, self._timeout, lost=CacheLostError):
                yield
        except CacheLostError:
            self._breaker.failed()
            raise
        except TransientError:
            self._breaker.succeeded()
            raise
        except ServerError as error:
            # A password that was changed, or a key of somebody else's, is a hint lost like any.
            self._breaker.succeeded()
            raise TransientError(str(error)) from error
        self._breaker.succeeded()


def _parts(items: Collection[T]) -> Iterator[list[T]]:
    rest = iter(items)
    return iter(lambda: list(islice(rest, _CALLS)), [])
