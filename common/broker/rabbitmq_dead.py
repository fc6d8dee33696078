"""The dead letters on RabbitMQ: looked at, and put back into the queue they came from."""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing, suppress

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from tenacity import AsyncRetrying, RetryError, retry_if_result, stop_after_delay, wait_fixed

from common.broker.dead_letters import DeadLetter, read_letter
from common.broker.rabbitmq_errors import MissingError
from common.broker.rabbitmq_link import Link
from common.broker.rabbitmq_topology import Topology

_RETURN_SECONDS = 5.0
"""How long letters may take on their way back; longer, and somebody else is looking at them."""

PutBack = Callable[[str, bytes, Mapping[str, str]], Awaitable[None]]
"""Publishes to a queue, confirmed: (queue, body, headers)."""


class DeadLetters:
    """Gets messages without settling them, on a channel of its own whose end gives them back.

    While one looks, the letters are in its hands, and nobody else sees them.
    """

    def __init__(self, link: Link, put_back: PutBack, topology: Topology) -> None:
        self._link = link
        self._put_back = put_back
        self._topology = topology

    async def look(self, sink: str, limit: int) -> list[DeadLetter]:
        """Return the first ``limit`` letters of a sink."""
        async for trial in self._link.retrying():
            with trial:
                return await self._look_once(sink, limit)
        raise AssertionError("tenacity returns or raises")

    async def replay(self, sink: str, keys: Collection[str]) -> None:
        """Put letters back, and remove each once that is confirmed.

        Repeated after a loss: those put back already are no longer there, or come twice.
        """
        async for trial in self._link.retrying():
            with trial:
                await self._replay_once(sink, keys)

    async def _look_once(self, sink: str, limit: int) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        async with aclosing(self._letters(sink)) as letters:
            async for raw in letters:
                if len(found) == limit:
                    break
                found.append(_letter(self._topology.queue(sink, ""), raw))
        return found

    async def _replay_once(self, sink: str, keys: Collection[str]) -> None:
        left = set(keys)
        async with aclosing(self._letters(sink)) as letters:
            async for raw in letters:
                letter = _letter(self._topology.queue(sink, ""), raw)
                if letter.key in left and letter.entity:
                    queue = self._topology.queue(sink, letter.entity)
                    await self._put_back(queue, letter.body, letter.fields)
                    async with self._link.guard():
                        await raw.ack()
                    left.discard(letter.key)
                if not left:
                    break

    async def _letters(self, sink: str) -> AsyncGenerator[AbstractIncomingMessage, None]:
        """Yield the letters there are now, each once; at the end they are back in their queue."""
        channel = await self._link.channel()
        there = settled = 0
        try:
            queue, there = await self._ready(channel, sink)
            for _ in range(there):
                raw = await self._get(queue)
                if raw is None:
                    break
                try:
                    yield raw
                finally:
                    settled += raw.processed
        except MissingError:
            pass  # no letters, then
        finally:
            if not channel.is_closed:
                async with self._link.guard():
                    await channel.close()
                await self._returned(sink, there - settled)

    async def _returned(self, sink: str, count: int) -> None:
        """Wait until a queue has its letters again: a closed channel's come back a little later.

        Without it, who looks and then puts back what was seen may not find it.
        """
        polled = AsyncRetrying(
            retry=retry_if_result(lambda ready: ready < count),
            wait=wait_fixed(0.02),
            stop=stop_after_delay(_RETURN_SECONDS),
        )
        channel = await self._link.channel()
        with suppress(RetryError):
            await polled(self._count, channel, sink)
        async with self._link.guard():
            await channel.close()

    async def _count(self, channel: AbstractChannel, sink: str) -> int:
        _, count = await self._ready(channel, sink)
        return count

    async def _ready(self, channel: AbstractChannel, sink: str) -> tuple[AbstractQueue, int]:
        """Return the queue of a sink's letters, and how many nobody has in hand."""
        async with self._link.guard():
            queue = await channel.declare_queue(self._topology.dead_queue(sink), passive=True)
        return queue, queue.declaration_result.message_count or 0

    async def _get(self, queue: AbstractQueue) -> AbstractIncomingMessage | None:
        async with self._link.guard():
            return await queue.get(fail=False, timeout=None)


def _letter(queues: str, raw: AbstractIncomingMessage) -> DeadLetter:
    """Read a letter; ``queues`` is what the names of its sink's queues begin with."""
    fields = {str(name): str(value) for name, value in raw.headers.items()}
    origin = fields.get("x-first-death-queue", "")
    # What RabbitMQ moves by itself has no reason of ours.
    why = fields.get("x-first-death-reason", "").replace("_", " ")
    return read_letter(
        _key(raw, fields),
        fields,
        raw.body,
        reason=f"moved by RabbitMQ: {why or 'it does not say why'}",
        queue=origin.removeprefix(queues),
    )


def _key(raw: AbstractIncomingMessage, fields: Mapping[str, str]) -> str:
    """Return the id that we give every message; one of somebody else's may have none."""
    if raw.message_id:
        return raw.message_id
    content = repr(sorted(fields.items())).encode() + raw.body
    return hashlib.sha256(content).hexdigest()
