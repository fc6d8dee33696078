"""Writes batches to a sink: again after a transient failure, in halves after a terminal one."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from common.errors import DoubtfulError, TerminalError, TransientError
from common.messages import Headers
from common.records import Record
from loaders.portions import in_halves
from loaders.sink import Rejection, Sink, Written

T = TypeVar("T")

log = structlog.get_logger()

_ITS_OWN = (TerminalError, DoubtfulError)
"""Failures that what was written may be the cause of."""

_REASON_LIMIT = 500
_RECORD_LIMIT = 1_000_000


def is_transient(error: BaseException) -> bool:
    """Tell whether a failure may pass."""
    return isinstance(error, TransientError)


def is_surely_transient(error: BaseException) -> bool:
    """Tell whether a failure has nothing to do with what was written."""
    return is_transient(error) and not isinstance(error, DoubtfulError)


class Writer:
    """Calls a sink so that only lasting trouble comes through."""

    def __init__(self, sink: Sink, retry_seconds: float) -> None:
        self._sink = sink
        self._retry_seconds = retry_seconds

    async def retrying(
        self,
        call: Callable[[], Awaitable[T]],
        passing: Callable[[BaseException], bool] = is_transient,
    ) -> T:
        """Repeat a call while its failure is ``passing``, for the time set; then raise."""
        policy = AsyncRetrying(
            retry=retry_if_exception(passing),
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
        written = await in_halves(partial(self._write, headers), records, _ITS_OWN)
        return Written(
            sum(part.loaded for part in written),
            sum(part.unchanged for part in written),
            sum(part.rejected for part in written),
        )

    async def _write(self, headers: Headers, records: Sequence[Record]) -> Written:
        if len(records) < 2:
            return await self.retrying(lambda: self._write_last(headers, records))
        try:
            return await self.retrying(
                lambda: self._sink.content.write(headers, records), is_surely_transient
            )
        except _ITS_OWN as error:
            self._log("batch_in_halves", headers, records=len(records), reason=str(error))
            raise

    async def _write_last(self, headers: Headers, records: Sequence[Record]) -> Written:
        """Write one record, or reject it.

        A failure that is doubtful is the record's when the sink takes the rejection at once: in an
        outage it takes neither, and the record is tried again.
        """
        try:
            return await self._sink.content.write(headers, records)
        except _ITS_OWN as error:
            if not records:
                raise
            rejection = _rejection(headers, records[0], str(error))
        written = await self._sink.content.write(headers, [], [rejection])
        self._log("record_rejected", headers, id=rejection.id, reason=rejection.reason)
        return written

    def _log(self, event: str, headers: Headers, **fields: object) -> None:
        log.warning(event, sink=self._sink.name, entity=headers.entity, **fields)

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning(
            "sink_retry", sink=self._sink.name, attempt=state.attempt_number, error=str(error)
        )


def _rejection(headers: Headers, record: Record, reason: str) -> Rejection:
    # The reason may quote what the sink could not hold.
    printable = reason.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")
    return Rejection(
        id=record["id"],
        fingerprint=record["fingerprint"],
        reason=printable[:_REASON_LIMIT],
        run=headers.run,
        dump=headers.dump,
        record=json.dumps(record["data"])[:_RECORD_LIMIT],
    )
