"""The commands on one stream and its consumer group."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, NamedTuple

import redis.exceptions
from redis.asyncio import Redis

from common.broker.waiting import QueueFullError
from common.entities import Entity

BODY = b"body"

_LONG_AGO = 1
"""ms since 1970: anybody may take at once what was delivered then last."""

Fields = Mapping[bytes, bytes]
Guard = Callable[[], AbstractAsyncContextManager[None]]
"""Gives a block of commands its deadline and translates the driver's errors."""


class Entry(NamedTuple):
    """A message as the stream has it; ``attempt`` counts its deliveries from 1."""

    id: bytes
    fields: Fields
    attempt: int


class Names:
    """What the streams of one namespace are called, and the group that reads each."""

    def __init__(self, namespace: str) -> None:
        self.group = namespace

    def stream(self, sink: str, entity: Entity) -> str:
        """Return the key of a sink's stream for an entity."""
        return f"{self.group}:stream:{sink}:{entity.value}"

    def dead(self, sink: str) -> str:
        """Return the key of the stream of a sink's dead letters."""
        return f"{self.group}:dead:{sink}"


class StreamQueue:
    """One stream; methods raise what the guard makes of the driver's errors."""

    def __init__(
        self, client: Redis, guard: Guard, names: Names, sink: str, entity: Entity
    ) -> None:
        self.name = names.stream(sink, entity)
        self.entity = entity
        self._dead = names.dead(sink)
        self._group = names.group
        self._client = client
        self._guard = guard

    async def make_group(self) -> None:
        """Make stream and group if they are not there, from the stream's beginning.

        A server whose memory is full refuses even what changes nothing; a group that is
        really missing is made when reading says so.
        """
        with suppress(QueueFullError):
            async with self._guard():
                await self._make_group()

    async def read(self, consumer: str, count: int, block: float) -> list[Entry]:
        """Return up to ``count`` new messages, waiting up to ``block`` seconds for the first."""
        async with self._guard():
            try:
                reply: Any = await self._client.xreadgroup(
                    self._group, consumer, {self.name: ">"}, count=count, block=int(block * 1000)
                )
            except redis.exceptions.ResponseError as error:
                # The server was emptied: the group is made again, the next read finds it.
                await self._make_group_after(error)
                return []
        entries = reply[0][1] if reply else []
        return [Entry(entry_id, fields, 1) for entry_id, fields in entries]

    async def claim(self, consumer: str, count: int, idle: float) -> list[Entry]:
        """Take over up to ``count`` messages that nobody gave a sign of for ``idle`` seconds."""
        async with self._guard():
            try:
                reply = await self._client.xautoclaim(
                    self.name, self._group, consumer, int(idle * 1000), count=count
                )
                # Fields are missing when the message was deleted under its consumer.
                entries = [(entry_id, fields) for entry_id, fields in reply[1] if fields]
                attempts = await self._attempts(consumer, [entry_id for entry_id, _ in entries])
            except redis.exceptions.ResponseError as error:
                await self._make_group_after(error)
                return []
        return [Entry(entry_id, fields, attempts[entry_id]) for entry_id, fields in entries]

    async def keep(self, consumer: str, ids: Sequence[bytes]) -> None:
        """Give a sign of life for messages in hand: claimed by its own holder, one is not idle.

        JUSTID leaves the count of deliveries alone.  No IDLE: Dragonfly takes it for a time of
        day, so that a message would be idle since 1970.
        """
        async with self._guard():
            await self._client.xclaim(self.name, self._group, consumer, 0, list(ids), justid=True)

    async def settle(self, ids: Sequence[bytes]) -> None:
        """Acknowledge and delete messages.

        Deleted first: one that is deleted and not acknowledged is left out by whoever claims it,
        one that is acknowledged and not deleted would count as waiting for ever.
        """
        async with self._guard(), self._client.pipeline(transaction=True) as pipe:
            pipe.xdel(self.name, *ids)
            pipe.xack(self.name, self._group, *ids)
            await pipe.execute()

    async def bury(self, entry: Entry, about: Mapping[str, str]) -> None:
        """Move a message to the dead letters, with what they say about it.

        Not in one transaction: there the message would be settled although the dead letters did
        not take it.  Killed in between, it is in both places.
        """
        fields: dict[Any, Any] = {**entry.fields, **about}
        async with self._guard():
            await self._client.xadd(self._dead, fields)
        await self.settle([entry.id])

    async def leave(self, consumer: str, most: int) -> None:
        """Give a consumer's messages back by calling them long idle; remove one that has none.

        Asked of the server: a read cut off by the end has messages its consumer never saw.
        Removing a consumer with messages would forget them.
        """
        async with self._guard():
            pending = await self._client.xpending_range(
                self.name, self._group, "-", "+", most, consumer
            )
            if not pending:
                await self._client.xgroup_delconsumer(self.name, self._group, consumer)
                return
            ids: list[Any] = [entry["message_id"] for entry in pending]
            # A time of day, which every server understands alike; IDLE is none, see `keep`.
            await self._client.xclaim(
                self.name, self._group, consumer, 0, ids, time=_LONG_AGO, justid=True
            )

    async def _attempts(self, consumer: str, ids: Sequence[bytes]) -> dict[bytes, int]:
        """Return the delivery counts; asked for one by one, as others may lie between them."""
        if not ids:
            return {}
        async with self._client.pipeline(transaction=False) as pipe:
            for entry_id in ids:
                pipe.xpending_range(self.name, self._group, entry_id, entry_id, 1, consumer)
            replies = await pipe.execute(raise_on_error=False)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        # Nothing pending: somebody settled it just now, and it will do no harm again.
        return {
            entry_id: reply[0]["times_delivered"] if reply else 1
            for entry_id, reply in zip(ids, replies, strict=True)
        }

    async def _make_group_after(self, error: redis.exceptions.ResponseError) -> None:
        # Dragonfly answers some commands on a missing stream with the latter.
        if not str(error).startswith(("NOGROUP", "no such key")):
            raise error
        await self._make_group()

    async def _make_group(self) -> None:
        try:
            await self._client.xgroup_create(self.name, self._group, id="0", mkstream=True)
        except redis.exceptions.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
