"""What goes on beside a run: its lease is kept, and its progress told."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
)

from common.entities import Entity
from common.errors import LeaseError, TransientError
from common.reports import Progress
from common.service import own_usage
from common.store import Store
from extractor.run import LAST_SECONDS, Run

log = structlog.get_logger()

_TELL_EVERY = 1.0  # s
_ASK_EVERY = 1.0  # s


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read the dump of an entity; it runs out ``seconds`` after it was taken."""

    store: Store
    entity: Entity
    owner: str
    seconds: float

    async def take(self) -> None:
        """Take or renew it; raise `LeaseError` when another extractor has it."""
        try:
            if not await self.store.acquire_lease(self.entity, self.owner, self.seconds):
                raise LeaseError(
                    f"another extractor is reading the {self.entity.plural}: "
                    "wait for its end, or stop it"
                )
        except TransientError as error:
            log.warning("lease_not_renewed", entity=self.entity, error=str(error))

    async def release(self) -> None:
        """Give it back; where that fails, it runs out by itself."""
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await self.store.release_lease(self.entity, self.owner)
        except (TransientError, TimeoutError) as error:
            log.warning("lease_not_released", entity=self.entity, error=str(error))


@asynccontextmanager
async def leased(store: Store, entity: Entity, seconds: float) -> AsyncIterator[Lease]:
    """Hold an entity's lease; raise `LeaseError` when another extractor does.

    It waits for as long as a lease lasts: that of one that was killed runs out by itself.  It
    only saves the work of two extractors on one dump: a store that fails does not stop us.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    lease = Lease(store, entity, owner, seconds)
    async for trial in _until_free(entity, seconds):
        with trial:
            await lease.take()
    try:
        yield lease
    finally:
        await lease.release()


async def keep_telling(run: Run, lease: Lease, summary_seconds: float) -> None:
    """Tell the store how far a run is, renew its lease and log a summary now and then."""
    next_summary = summary_seconds
    while True:
        await asyncio.sleep(_TELL_EVERY)
        progress = run.progress()
        await lease.take()
        await tell(lease.store, progress)
        elapsed = progress["heartbeat"] - progress["started"]
        if elapsed >= next_summary:
            next_summary = elapsed + summary_seconds
            log.info("reading", **summary(progress))


async def tell(store: Store, progress: Progress) -> None:
    """Put progress into the store, if it can be reached."""
    try:
        await store.put_progress(progress)
    except TransientError as error:
        log.warning("progress_not_told", error=str(error))


def summary(progress: Progress) -> dict[str, object]:
    """Return what a progress event says: counts, rate (records/s), ETA (s), memory, CPU."""
    elapsed = max(progress["heartbeat"] - progress["started"], 0.001)
    share = progress["position"] / progress["size"] if progress["size"] else 0
    return {
        "entity": progress["entity"],
        "read": progress["read"],
        "unchanged": progress["unchanged"],
        "sent": progress["sent"],
        "quarantined": progress["quarantined"],
        "percent": round(100 * share, 1),
        "records_per_s": round(progress["read"] / elapsed),
        "eta_s": round(elapsed / share - elapsed) if share else None,
        **own_usage(),
    }


def _until_free(entity: Entity, patience: float) -> AsyncRetrying:
    def waits(state: RetryCallState) -> None:
        if state.attempt_number == 1:
            log.warning("lease_held_by_another", entity=entity, patience_s=patience)

    return AsyncRetrying(
        retry=retry_if_exception_type(LeaseError),
        wait=wait_fixed(_ASK_EVERY),
        stop=stop_after_delay(patience),
        before_sleep=waits,
        reraise=True,
    )
