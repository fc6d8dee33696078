"""The store on Dragonfly, by redis-py; Valkey and Redis know the same commands.

Only commands that Dragonfly documents, and scripts with their keys declared.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio import Redis

from common import faultpoints
from common.entities import Entity
from common.errors import ServerError, TransientError
from common.redis_client import open_client, shown, translated
from common.reports import Progress, SinkReport
from common.store import keys
from common.store.blocks import Blocks
from common.store.codec import decode_binding, decode_progress, decode_report, encode
from common.store.protocol import Binding
from config.servers import ServerAccess

_ACQUIRE = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class DragonflyStore:
    """Fingerprints, progress, leases and reports; see `Store`.

    What cannot be read as what it should be counts as absent.
    """

    def __init__(self, server: ServerAccess) -> None:
        self._timeout = server.timeout
        self._keys = keys.Keys(server.namespace)
        self._where = f"the store at {shown(server.url)}"
        self._client: Redis = open_client(server.url, server.connect_timeout, server.ca_file)
        self._blocks = Blocks(self._client, self._keys, self._guard)

    async def check(self) -> None:
        """Raise `ServerError` when the server refuses us or is none that can serve."""
        names = [self._keys.progress(entity) for entity in Entity]
        async with translated(self._where, self._timeout):
            await self._client.mget(names)  # several keys: in cluster mode that is refused

    async def fingerprints(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        """Return the blocks, in order; one that is not readable counts as absent."""
        return await self._blocks.read(entity, blocks)

    async def put_fingerprints(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks as a whole."""
        await self._blocks.write(entity, blocks)

    async def forget_fingerprints(self, entity: Entity, blocks: Collection[int]) -> None:
        """Delete blocks."""
        await self._blocks.forget(entity, blocks)

    async def known_blocks(self, entity: Entity) -> list[int]:
        """Return the numbers of all blocks held, ascending."""
        return await self._blocks.known(entity)

    async def binding(self, entity: Entity) -> Binding | None:
        """Return whose content the fingerprints describe."""
        async with self._guard():
            value: Any = await self._client.get(self._keys.binding(entity))
        return decode_binding(value)

    async def bind(self, entity: Entity, binding: Binding) -> None:
        """Replace the binding."""
        await self._write(self._keys.binding(entity), binding, keys.BINDING_SECONDS)
        faultpoints.passing("fingerprints.bound")

    async def acquire_lease(self, entity: Entity, owner: str, seconds: float) -> bool:
        """Take or renew the lease; False when another owner has it."""
        milliseconds = int(seconds * 1000)
        return await self._script(_ACQUIRE, self._keys.lease(entity), owner, str(milliseconds)) == 1

    async def release_lease(self, entity: Entity, owner: str) -> None:
        """Give the lease back, if it is still ours."""
        await self._script(_RELEASE, self._keys.lease(entity), owner)

    async def put_progress(self, progress: Progress) -> None:
        """Replace the progress of an entity."""
        await self._write(self._keys.progress(progress["entity"]), progress, keys.PROGRESS_SECONDS)

    async def progress(self) -> list[Progress]:
        """Return all progress not older than its time to live."""
        async with self._guard():
            values: Any = await self._client.mget(
                [self._keys.progress(entity) for entity in Entity]
            )
        return [found for value in values if (found := decode_progress(value))]

    async def put_report(self, report: SinkReport) -> None:
        """Replace a sink's report whole, and list its name."""
        name = self._keys.report(report["sink"])
        async with self._guard(), self._client.pipeline(transaction=True) as pipe:
            pipe.set(name, encode(report), ex=keys.REPORT_SECONDS)
            pipe.sadd(self._keys.sinks, report["sink"])
            await pipe.execute()

    async def reports(self) -> dict[str, SinkReport]:
        """Return the last report of every sink."""
        async with self._guard():
            names: Any = await self._client.smembers(self._keys.sinks)
            sinks = sorted(name.decode(errors="replace") for name in names)
            values: Any = await self._client.mget(map(self._keys.report, sinks)) if sinks else []
        reports = zip(sinks, map(decode_report, values), strict=True)
        return {sink: report for sink, report in reports if report}

    async def trials(self, sink: str, message: str) -> int:
        """Return how many loaders a message has ended."""
        async with self._guard():
            found: Any = await self._client.get(self._keys.trial(sink, message))
        return int(found) if found and found.isdigit() else 0

    async def put_trials(self, sink: str, message: str, count: int) -> None:
        """Replace that number; 0 forgets the message."""
        name = self._keys.trial(sink, message)
        async with self._guard():
            if count:
                await self._client.set(name, count, ex=keys.TRIAL_SECONDS)
            else:
                await self._client.unlink(name)

    async def close(self) -> None:
        """Close the connections."""
        with suppress(TransientError):
            async with self._guard():
                await self._client.aclose()

    async def _write(self, name: str, value: Binding | Progress, seconds: int) -> None:
        async with self._guard():
            await self._client.set(name, encode(value), ex=seconds)

    async def _script(self, script: str, key: str, *arguments: str) -> int:
        async with self._guard():
            return int(await self._client.eval(script, 1, key, *arguments))

    @asynccontextmanager
    async def _guard(self) -> AsyncIterator[None]:
        try:
            async with translated(self._where, self._timeout):
                yield
        except TransientError:
            raise
        except ServerError as error:
            # A password that was changed, or a key of somebody else's, is a hint lost like any.
            raise TransientError(str(error)) from error
