"""The stream of a sink's dead letters: looked at, and put back where they came from."""

from collections.abc import Collection
from typing import Any

from redis.asyncio import Redis

from common.broker.dead_letters import DeadLetter, read_letter
from common.broker.streams_queue import BODY, Fields, Guard, Names
from common.broker.waiting import LostError, QueueFullError, retrying

_PER_CALL = 64
"""Some MB at a time: a call stays well below its deadline."""


class StreamDeadLetters:
    """The dead letters of one sink; a letter's key is its id in the stream."""

    def __init__(
        self, client: Redis, guard: Guard, names: Names, sink: str, retry_seconds: float
    ) -> None:
        self._client = client
        self._guard = guard
        self._sink = sink
        self._names = names
        self._name = names.dead(sink)
        self._retry_seconds = retry_seconds

    async def look(self, limit: int) -> list[DeadLetter]:
        """Return the oldest ``limit`` letters."""
        found: list[DeadLetter] = []
        while len(found) < limit:
            after = f"({found[-1].key}" if found else "-"
            some = await self._read(after, "+", min(_PER_CALL, limit - len(found)))
            if not some:
                break
            found += some
        return found

    async def replay(self, keys: Collection[str]) -> None:
        """Move letters back, one by one; a full server is given some time."""
        for key in keys:
            policy = retrying(LostError, QueueFullError, seconds=self._retry_seconds)
            async for trial in policy:
                with trial:
                    await self._replay_one(key)

    async def _replay_one(self, key: str) -> None:
        for letter in await self._read(key, key, 1):
            if letter.entity is None:
                continue
            fields: dict[Any, Any] = {**letter.fields, BODY: letter.body}
            # Not in one transaction, in which the letter would go although the queue refused it.
            async with self._guard():
                await self._client.xadd(self._names.stream(self._sink, letter.entity), fields)
                await self._client.xdel(self._name, key)

    async def _read(self, first: str, last: str, count: int) -> list[DeadLetter]:
        async for trial in retrying(LostError, seconds=self._retry_seconds):
            with trial:
                async with self._guard():
                    found: Any = await self._client.xrange(self._name, first, last, count=count)
                return [_letter(entry_id, fields) for entry_id, fields in found]
        raise AssertionError("tenacity returns or raises")


def _letter(entry_id: bytes, fields: Fields) -> DeadLetter:
    texts = {
        name.decode(errors="replace"): value.decode(errors="replace")
        for name, value in fields.items()
        if name != BODY
    }
    return read_letter(entry_id.decode(), texts, fields.get(BODY, b""))
