"""Writes batches to a sink: again after a transient failure, in halves after a terminal one."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from common.errors import TerminalError, TransientError
from common.messages import Headers
from common.records import Record
from loaders.sink import Rejection, Sink, Written

T = TypeVar("T")

log = structlog.get_logger()

_REASON_LIMIT = 500
_RECORD_LIMIT = 1_000_000


class Writer:
    """Calls a sink so that only lasting trouble comes through."""

    def __init__(self, sink: Sink, retry_seconds: float) -> None:
        self._sink = sink
        self._retry_seconds = retry_seconds

    async def retrying(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat a call while it fails transiently, for the time set; then raise."""
        policy = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=wait_random_exponential(multiplier=0.05, max=5),
            stop=stop_after_delay(self._retry_seconds),
            before_sleep=self._say,
            reraise=True,
        )

        async def attempt() -> T:  # tenacity awaits only what is declared async
            return await call()

        return await policy(attempt)

    async def write(self, headers: Headers, records: Sequence[Record]) -> Written:
        """Write records; those the sink cannot hold are rejected alone, with the reason."""
        try:
            return await self.retrying(lambda: self._sink.write(headers, records))
        except TerminalError as error:
            if not records:
                raise
            if len(records) == 1:
                return await self._reject(headers, records[0], str(error))
        middle = len(records) // 2
        first = await self.write(headers, records[:middle])
        second = await self.write(headers, records[middle:])
        return Written(
            first.loaded + second.loaded,
            first.unchanged + second.unchanged,
            first.rejected + second.rejected,
        )

    async def _reject(self, headers: Headers, record: Record, reason: str) -> Written:
        log.warning(
            "record_rejected",
            sink=self._sink.name,
            entity=headers.entity,
            id=record["id"],
            reason=reason,
        )
        # The reason may quote what the sink could not hold.
        printable = reason.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")
        rejection = Rejection(
            id=record["id"],
            fingerprint=record["fingerprint"],
            reason=printable[:_REASON_LIMIT],
            run=headers.run,
            dump=headers.dump,
            record=json.dumps(record["data"])[:_RECORD_LIMIT],
        )
        return await self.retrying(lambda: self._sink.write(headers, [], [rejection]))

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning(
            "sink_retry", sink=self._sink.name, attempt=state.attempt_number, error=str(error)
        )
