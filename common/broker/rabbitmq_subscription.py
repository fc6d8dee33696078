"""One consumer of a RabbitMQ queue."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from common import faultpoints
from common.broker.dead_letters import describe
from common.broker.protocol import Delivery
from common.broker.rabbitmq_link import CLOSE_SECONDS, Link
from common.broker.rabbitmq_renewal import declared
from common.broker.rabbitmq_topology import Topology
from common.broker.waiting import LostError, TooLargeError
from common.entities import Entity
from common.errors import TerminalError, TransientError
from common.messages import Headers, Message

log = structlog.get_logger()

SILENCE_SECONDS = 10.0
"""How often a consumer that gets nothing looks whether its queue holds messages."""

Bury = Callable[[str, bytes, dict[str, str]], Awaitable[None]]
"""Puts a copy of a message into the dead letters of a sink: (sink, body, headers)."""


class RabbitSubscription:
    """Deliveries of one channel, and of the next one when that channel is lost.

    A consumer that gets nothing while its queue holds messages begins anew: RabbitMQ does not tell
    one whose queue was deleted and made again within a moment.

    Each channel has a buffer of its own, so that nothing of a lost one is handed out: the
    server delivers it again.  ``None`` in a buffer says that its channel is gone.
    """

    def __init__(
        self,
        link: Link,
        topology: Topology,
        bury: Bury,
        sink: str,
        entity: Entity,
        prefetch: int,
    ) -> None:
        self._link = link
        self._topology = topology
        self._bury = bury
        self._sink = sink
        self._entity = entity
        self._prefetch = prefetch
        self._queue_name = topology.queue(sink, entity)
        self._channel: AbstractChannel | None = None
        self._buffer: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self._mending: asyncio.Task[None] | None = None
        self._unsettled: set[AbstractIncomingMessage] = set()
        self._silence = SILENCE_SECONDS
        self._doubts = 0
        self._next_look = 0.0

    async def open(self) -> None:
        """Declare the queue and start consuming, for as long as ``retry_seconds``."""
        async for trial in self._link.retrying():
            with trial:
                await self._consume()

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll
        """Return the next message, or None; see `Subscription.receive`."""
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        while True:
            raw = await self._next(max(0.0, end - clock()))
            if raw is None:
                await self._look_whether_forgotten()
                return None
            self._doubts = 0
            self._unsettled.add(raw)
            try:
                return _delivery(raw)
            except TerminalError as error:
                await self._to_dead_letters(raw, str(error))

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle messages one by one: others of the channel may still be in hand."""
        for delivery in deliveries:
            raw = _raw(delivery)
            await self._settle(raw.ack(), raw)
            faultpoints.passing("broker.acknowledged")

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Send a message to the dead letters, with the reason."""
        await self._to_dead_letters(_raw(delivery), reason)

    async def close(self) -> None:
        """Close the channel: the server gives the unsettled messages to somebody else."""
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)
        await self._close_channel()

    async def _next(self, seconds: float) -> AbstractIncomingMessage | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    if self._channel is None:
                        await self._mended()
                    raw = await self._buffer.get()
                    if raw is not None and self._channel and not self._channel.is_closed:
                        return raw
                    self._channel = None
        return None

    async def _mended(self) -> None:
        """Wait for the mending, which goes on when the caller's patience ends before."""
        if self._mending is None:
            log.warning("consumer_lost_its_channel", queue=self._queue_name)
            self._mending = asyncio.create_task(self.open())
        await asyncio.wait([self._mending])
        mending, self._mending = self._mending, None
        mending.result()

    async def _look_whether_forgotten(self) -> None:
        """Give the channel up when, twice in a row, messages were ready and none came."""
        now = asyncio.get_running_loop().time()
        if self._channel is None or self._unsettled or now < self._next_look:
            return
        self._next_look = now + self._silence
        self._doubts = self._doubts + 1 if await self._are_ready() else 0
        if self._doubts > 1 and self._buffer.empty():
            self._doubts, self._channel = 0, None

    async def _are_ready(self) -> bool:
        with suppress(TransientError, TimeoutError):
            async with asyncio.timeout(self._link.timeout):
                channel = await self._link.channel()
                async with self._link.guard():
                    queue = await channel.declare_queue(self._queue_name, passive=True)
                    await channel.close()
                return bool(queue.declaration_result.message_count)
        return False

    async def _consume(self) -> None:
        await self._close_channel()
        channel = await declared(self._link, self._declare, self._queue_name)
        buffer: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        async with self._link.guard(about=self._queue_name):
            await channel.set_qos(prefetch_count=self._prefetch)
            await _report_loss(channel, buffer)
            queue = await channel.get_queue(self._queue_name, ensure=False)
            await queue.consume(buffer.put)
        self._channel, self._buffer = channel, buffer
        self._unsettled.clear()

    async def _declare(self, channel: AbstractChannel) -> None:
        await self._topology.declare_queue(channel, self._sink, self._entity)

    async def _close_channel(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            with suppress(LostError):
                # A frozen server does not say good-bye; the connection is closed next.
                async with self._link.guard(CLOSE_SECONDS):
                    await channel.close()

    async def _to_dead_letters(self, raw: AbstractIncomingMessage, reason: str) -> None:
        about = describe(reason, _attempt(raw), self._entity)
        headers = {str(name): str(value) for name, value in raw.headers.items()}
        try:
            await self._bury(self._sink, raw.body, {**headers, **about})
        except TooLargeError:
            # RabbitMQ took it once: it moves it by itself, without our reason.
            await self._settle(raw.nack(requeue=False), raw)
        else:
            await self._settle(raw.ack(), raw)
        log.warning("message_to_dead_letters", queue=self._queue_name, reason=reason)

    async def _settle(self, settling: Awaitable[None], raw: AbstractIncomingMessage) -> None:
        """Await an answer to a message; of a lost channel it comes again and needs no error."""
        self._unsettled.discard(raw)
        try:
            async with self._link.guard():
                await settling
        except LostError as error:
            log.info("message_comes_again", queue=self._queue_name, reason=str(error))


async def _report_loss(
    channel: AbstractChannel, buffer: asyncio.Queue[AbstractIncomingMessage | None]
) -> None:
    def lost(*_: object) -> None:
        buffer.put_nowait(None)

    channel.close_callbacks.add(lost)
    # A deleted queue ends the consumer and leaves the channel open.
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(lost)


def _raw(delivery: Delivery) -> AbstractIncomingMessage:
    assert isinstance(delivery.token, AbstractIncomingMessage)  # noqa: S101 - one broker's own
    return delivery.token


def _attempt(raw: AbstractIncomingMessage) -> int:
    # From 4 on, one that came back because its consumer was lost is counted under another name.
    counts = [raw.headers.get(name) for name in ("x-delivery-count", "x-acquired-count")]
    return 1 + max(
        count if isinstance(count, int) else int(bool(raw.redelivered)) for count in counts
    )


def _delivery(raw: AbstractIncomingMessage) -> Delivery:
    fields = {str(name): str(value) for name, value in raw.headers.items()}
    return Delivery(Message(Headers.decode(fields), raw.body), _attempt(raw), raw)
