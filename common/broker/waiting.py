"""How long a broker call is tried again: for a lost connection, and for room in a full queue."""

from collections.abc import Awaitable, Callable
from traceback import clear_frames

import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from common.errors import TerminalError, TransientError

_BACKOFF = wait_random_exponential(multiplier=0.1, max=2)


class LostError(TransientError):
    """The connection is gone or silent; whether the call was carried out is not known."""


class QueueFullError(TransientError):
    """The server refused a message because a queue, or its memory, is full."""


class TooLargeError(TerminalError):
    """The server takes no message of this size."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size} bytes as a message, of which the broker takes {most}")
        self.most = most


def retrying(*errors: type[TransientError], seconds: float) -> AsyncRetrying:
    """Return the policy for a call that may fail with these errors: again, for some time."""
    return AsyncRetrying(
        retry=retry_if_exception_type(errors),
        wait=_BACKOFF,
        stop=stop_after_delay(seconds),
        reraise=True,
    )


class Pressure:
    """Back-pressure: publishers wait here while a queue is full, for as long as it takes.

    Logged when the first of them begins to wait and when none waits any more.
    """

    def __init__(self, log: structlog.typing.FilteringBoundLogger) -> None:
        self._log = log
        self._waiting = 0

    async def deliver(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Call ``attempt`` until it no longer raises `QueueFullError`."""
        try:
            await _holding_nothing(attempt)
        except QueueFullError as full:
            self._begin(full)
            try:
                await self._until_room(attempt)
            finally:
                self._end()

    async def _until_room(self, attempt: Callable[[], Awaitable[None]]) -> None:
        again = AsyncRetrying(retry=retry_if_exception_type(QueueFullError), wait=_BACKOFF)
        async for trial in again:
            with trial:
                await _holding_nothing(attempt)

    def _begin(self, full: QueueFullError) -> None:
        self._waiting += 1
        if self._waiting == 1:
            self._log.info("queue_full_publisher_waits", reason=str(full))

    def _end(self) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self._log.info("queue_has_room_publisher_goes_on")


async def _holding_nothing(attempt: Callable[[], Awaitable[None]]) -> None:
    """Call ``attempt``; an error for want of room lets go of the message.

    The libraries' futures and frames hold such an error and it them.  Until the collector finds
    the circles they would hold a message each, and while a queue is full one is refused after
    the other.
    """
    try:
        await attempt()
    except QueueFullError as full:
        error: BaseException | None = full
        while error:
            clear_frames(error.__traceback__)
            error = error.__context__
        raise
