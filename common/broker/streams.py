"""The broker on streams with consumer groups: Dragonfly, Valkey or Redis.

A stream per sink and entity, so that an acknowledged message can be deleted at once: a stream
shared by the sinks would have to keep what the slowest has not read.
"""

import asyncio
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import Any

import structlog
from redis.asyncio import Redis

from common import faultpoints
from common.broker.dead_letters import DeadLetter
from common.broker.protocol import Subscription
from common.broker.streams_dead import StreamDeadLetters
from common.broker.streams_queue import Names, StreamQueue
from common.broker.streams_subscription import StreamSubscription
from common.broker.waiting import (
    LostError,
    Pressure,
    QueueFullError,
    TooLargeError,
    retrying,
)
from common.entities import Entity
from common.errors import ServerError
from common.messages import Message
from common.redis_client import open_client, shown, translated
from config.servers import ServerAccess

CLAIM_SECONDS = 10.0
"""Seconds without a sign of life after which a consumer's messages go to another."""

_LONGEST = "proto-max-bulk-len"

log = structlog.get_logger()


class StreamsBroker:
    """Queues as streams; the memory of the server is the outer bound, ``queue_bytes`` the inner.

    ``claim_after`` is in seconds, see `CLAIM_SECONDS`.
    """

    def __init__(
        self, server: ServerAccess, queue_bytes: int, claim_after: float = CLAIM_SECONDS
    ) -> None:
        self._server = server
        self._names = Names(server.namespace)
        self._where = f"the broker at {shown(server.url)}"
        self._client: Redis = open_client(server.url, server.connect_timeout, server.ca_file)
        self._queue_bytes = queue_bytes
        self._claim_after = claim_after
        self._worked = False
        self._most = sys.maxsize
        self._sinks: tuple[str, ...] = ()
        self._backlog = _Backlog(queue_bytes)
        self._pressure = Pressure(log.bind(broker=shown(server.url)))
        self._subscriptions: list[StreamSubscription] = []

    async def declare(self, sinks: Collection[str]) -> None:
        """Make the queues of these sinks; messages go to them and to no other sink."""
        for sink in sinks:
            for entity in Entity:
                await self._make_group(self._queue(sink, entity))
        self._sinks = tuple(sorted(set(sinks)))
        self._most = await self._most_bytes()

    async def publish(self, message: Message) -> None:
        """Return when every sink's stream has the message; see `Broker.publish`."""
        if not self._sinks:
            raise ServerError(f"{self._where}: no sink's queue is declared to take a message")
        if len(message.body) > self._most:
            raise TooLargeError(len(message.body), self._most)
        lacking = self._streams(message.headers.entity)
        await self._pressure.deliver(partial(self._add, message, lacking))

    async def subscribe(self, sink: str, entity: Entity, prefetch: int) -> Subscription:
        """Start consuming a queue; see `Broker.subscribe`."""
        queue = self._queue(sink, entity)
        await self._make_group(queue)
        subscription = StreamSubscription(queue, prefetch, self._server, self._claim_after)
        self._subscriptions.append(subscription)
        return subscription

    async def depth(self, sink: str, entity: Entity) -> int:
        """Return how many messages a queue holds, delivered and unsettled ones included."""
        return await self._length(self._names.stream(sink, entity))

    async def dead_letters(self, sink: str) -> int:
        """Return how many messages of this sink are in the dead letters."""
        return await self._length(self._names.dead(sink))

    async def list_dead_letters(self, sink: str, limit: int) -> list[DeadLetter]:
        """Return up to ``limit`` dead letters of this sink, the oldest first."""
        return await self._dead_of(sink).look(limit)

    async def replay_dead_letters(self, sink: str, keys: Collection[str]) -> None:
        """Put dead letters back, then remove them; see `Broker.replay_dead_letters`."""
        await self._dead_of(sink).replay(keys)

    async def close(self) -> None:
        """Close the subscriptions and every connection."""
        await asyncio.gather(*(subscription.close() for subscription in self._subscriptions))
        with suppress(LostError):
            async with self._guard():
                await self._client.aclose()

    async def _make_group(self, queue: StreamQueue) -> None:
        """Make a group; a server that has never answered gets less time than one that has."""
        patience = self._server.retry_seconds if self._worked else self._server.connect_timeout
        async for trial in retrying(LostError, seconds=patience):
            with trial:
                await queue.make_group()
        self._worked = True

    async def _most_bytes(self) -> int:
        """Ask for the longest value that the server takes: at a longer one it just hangs up.

        Some servers have no such setting, and some let nobody ask.
        """
        with suppress(ServerError):
            async with self._guard():
                settings = await self._client.config_get(_LONGEST)
                return int(settings.get(_LONGEST) or sys.maxsize)
        return sys.maxsize

    async def _add(self, message: Message, lacking: list[str]) -> None:
        """Add to the streams that lack the message, and again while the outcome is unknown."""
        async for trial in retrying(LostError, seconds=self._server.retry_seconds):
            with trial:
                await self._check_room(message.headers.entity, lacking)
                faultpoints.passing("broker.publishing")
                await self._add_once(message, lacking)
                faultpoints.passing("broker.confirmed")

    async def _add_once(self, message: Message, lacking: list[str]) -> None:
        """Add to each stream; one that took it no longer lacks it, whatever the others say.

        A transaction would not do: its commands succeed or fail one by one, too.
        """
        fields: dict[Any, Any] = {**message.headers.encode(), "body": message.body}
        streams = tuple(lacking)
        async with self._guard(), self._client.pipeline(transaction=False) as pipe:
            for stream in streams:
                pipe.xadd(stream, fields)
            for stream in streams:
                pipe.xlen(stream)
            replies = await pipe.execute(raise_on_error=False)
            refused = {
                stream: reply
                for stream, reply in zip(streams, replies, strict=False)
                if isinstance(reply, Exception)
            }
            lacking[:] = refused
            for error in refused.values():
                raise error
        self._backlog.sent(message, dict(zip(streams, replies[len(streams) :], strict=True)))

    async def _check_room(self, entity: Entity, streams: Sequence[str]) -> None:
        """Raise `QueueFullError` when a stream is still as long as its bound allows."""
        for stream in self._backlog.full(entity, streams):
            self._backlog.measured(stream, await self._length(stream))
        if full := self._backlog.full(entity, streams):
            raise QueueFullError(f"{', '.join(full)} hold {self._queue_bytes} bytes")

    async def _length(self, stream: str) -> int:
        async for trial in retrying(LostError, seconds=self._server.retry_seconds):
            with trial:
                async with self._guard():
                    return int(await self._client.xlen(stream))
        raise AssertionError("tenacity returns or raises")

    def _streams(self, entity: Entity) -> list[str]:
        return [self._names.stream(sink, entity) for sink in self._sinks]

    def _dead_of(self, sink: str) -> StreamDeadLetters:
        seconds = self._server.retry_seconds
        return StreamDeadLetters(self._client, self._guard, self._names, sink, seconds)

    def _queue(self, sink: str, entity: Entity) -> StreamQueue:
        return StreamQueue(self._client, self._guard, self._names, sink, entity)

    def _guard(self) -> AbstractAsyncContextManager[None]:
        timeout = self._server.timeout
        return translated(self._where, timeout, lost=LostError, full=QueueFullError)


class _Backlog:
    """A bound in bytes on streams, of which a server tells only the number of entries.

    What this publisher sent so far gives the mean size of an entity's messages.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes: dict[Entity, int] = {}
        self._messages: dict[Entity, int] = {}
        self._lengths: dict[str, int] = {}

    def sent(self, message: Message, lengths: Mapping[str, int]) -> None:
        """Note a message added, and the lengths its streams have with it."""
        entity = message.headers.entity
        self._bytes[entity] = self._bytes.get(entity, 0) + len(message.body)
        self._messages[entity] = self._messages.get(entity, 0) + 1
        self._lengths.update(lengths)

    def measured(self, stream: str, length: int) -> None:
        """Note the length that a stream has now."""
        self._lengths[stream] = length

    def full(self, entity: Entity, streams: Sequence[str]) -> list[str]:
        """Return the streams of this entity that hold about as many bytes as they may."""
        mean = self._bytes.get(entity, 0) / self._messages.get(entity, 1)
        return [name for name in streams if self._lengths.get(name, 0) * mean >= self._limit]
