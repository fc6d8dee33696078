"""One consumer of a stream."""

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

import structlog

from common import faultpoints
from common.broker.dead_letters import describe
from common.broker.protocol import Delivery
from common.broker.streams_queue import BODY, Entry, StreamQueue
from common.broker.waiting import LostError, QueueFullError, retrying
from common.errors import ServerError, TerminalError
from common.messages import Headers, Message
from config.servers import ServerAccess

log = structlog.get_logger()

BLOCK_SECONDS = 1.0
"""How long a read waits; well below the driver's time-out, which a longer one would meet."""


class StreamSubscription:
    """Reads ahead up to ``prefetch`` messages and shows signs of life for those in hand.

    Filling the buffer is a task of its own: it outlives the patience of a `receive`, so that
    no read is cancelled under way, and reconnects by trying again.
    """

    def __init__(
        self, queue: StreamQueue, prefetch: int, server: ServerAccess, claim_after: float
    ) -> None:
        self._queue = queue
        self._consumer = f"{os.getpid()}-{uuid4().hex[:12]}"
        self._prefetch = prefetch
        self._server = server
        self._claim_after = claim_after
        self._claim_due = 0.0
        self._buffer: deque[Entry] = deque()
        self._in_hand: set[bytes] = set()
        self._settled = asyncio.Event()
        self._filling: asyncio.Task[None] | None = None
        self._beating = asyncio.create_task(self._beat())

    async def receive(self, timeout: float) -> Delivery | None:  # noqa: ASYNC109 - a poll
        """Return the next message, or None; see `Subscription.receive`."""
        clock = asyncio.get_running_loop().time
        end = clock() + timeout
        while True:
            entry = await self._next(max(0.0, end - clock()))
            if entry is None:
                return None
            try:
                return _delivery(entry)
            except TerminalError as error:
                await self._reject(entry, str(error))

    async def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Settle messages; one that cannot be settled now comes again."""
        ids = [_entry(delivery).id for delivery in deliveries]
        if not ids:
            return
        try:
            async for trial in retrying(LostError, seconds=self._server.connect_timeout):
                with trial:
                    await self._queue.settle(ids)
                    faultpoints.passing("broker.acknowledged")
        except LostError as error:
            log.info("message_comes_again", queue=self._queue.name, reason=str(error))
        finally:
            self._let_go(ids)

    async def reject(self, delivery: Delivery, reason: str) -> None:
        """Move a message to the dead letters, with the reason."""
        await self._reject(_entry(delivery), reason)

    async def close(self) -> None:
        """Stop reading, and let others take at once what is in hand."""
        tasks = [self._beating] if self._filling is None else [self._beating, self._filling]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._in_hand.clear()
        # Without an answer they are taken over a little later.
        with suppress(ServerError):
            await self._queue.leave(self._consumer, 2 * self._prefetch)

    async def _next(self, seconds: float) -> Entry | None:
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while not self._buffer:
            if self._filling is None:
                self._filling = asyncio.create_task(self._fill())
            done, _ = await asyncio.wait([self._filling], timeout=max(0.0, end - clock()))
            if not done:
                return None
            filling, self._filling = self._filling, None
            filling.result()
        return self._buffer.popleft()

    async def _fill(self) -> None:
        """Read once, when there is room; the connection's loss is outlasted."""
        while len(self._in_hand) >= self._prefetch:
            self._settled.clear()
            await self._settled.wait()
        async for trial in retrying(LostError, seconds=self._server.retry_seconds):
            with trial:
                entries = await self._abandoned() or await self._new()
                self._buffer.extend(entries)
                self._in_hand.update(entry.id for entry in entries)

    async def _new(self) -> list[Entry]:
        block = min(BLOCK_SECONDS, self._server.timeout / 2, self._claim_after)
        return await self._queue.read(self._consumer, self._room, block)

    async def _abandoned(self) -> list[Entry]:
        """Take over messages of dead consumers, every now and then."""
        now = asyncio.get_running_loop().time()
        if now < self._claim_due:
            return []
        entries = await self._queue.claim(self._consumer, self._room, self._claim_after)
        self._claim_due = 0.0 if entries else now + self._claim_after / 2
        return entries

    async def _reject(self, entry: Entry, reason: str) -> None:
        seconds = self._server.retry_seconds
        try:
            async for trial in retrying(LostError, QueueFullError, seconds=seconds):
                with trial:
                    await self._bury(entry, reason)
        finally:
            self._let_go([entry.id])

    async def _bury(self, entry: Entry, reason: str) -> None:
        await self._queue.bury(entry, describe(reason, entry.attempt, self._queue.entity))
        log.warning("message_to_dead_letters", queue=self._queue.name, reason=reason)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._claim_after / 3)
            if self._in_hand:
                # A beat that is missed makes a duplicate at worst.
                with suppress(ServerError):
                    await self._queue.keep(self._consumer, list(self._in_hand))

    def _let_go(self, ids: Sequence[bytes]) -> None:
        self._in_hand.difference_update(ids)
        self._settled.set()

    @property
    def _room(self) -> int:
        return self._prefetch - len(self._in_hand)


def _entry(delivery: Delivery) -> Entry:
    assert isinstance(delivery.token, Entry)  # noqa: S101 - one broker's own
    return delivery.token


def _delivery(entry: Entry) -> Delivery:
    try:
        fields = {
            name.decode(): value.decode() for name, value in entry.fields.items() if name != BODY
        }
    except UnicodeDecodeError as error:
        raise TerminalError(f"message with bad headers: {error}") from error
    message = Message(Headers.decode(fields), entry.fields.get(BODY, b""))
    return Delivery(message, entry.attempt, entry)
