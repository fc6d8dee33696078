"""What goes on beside a run: its lease is kept, and its progress told."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
from config.settings import Settings
from extractor.run import LAST_SECONDS, Run

log = structlog.get_logger()

_TELL_EVERY = 1.0  # s
_ASK_EVERY = 1.0  # s


@asynccontextmanager
async def lease(store: Store, entity: Entity, patience: float) -> AsyncIterator[str]:
    """Hold an entity's lease; raise `LeaseError` when another extractor does.

    It waits ``patience`` seconds, for the lease of one that was killed runs out by itself.  It
    only saves the work of two extractors on one dump: a store that fails does not stop us.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    async for trial in _until_free(entity, patience):
        with trial:
            await _take(store, entity, owner)
    try:
        yield owner
    finally:
        try:
            async with asyncio.timeout(LAST_SECONDS):  # it runs out by itself
                await store.release_lease(entity, owner)
        except (TransientError, TimeoutError) as error:
            log.warning("lease_not_released", entity=entity, error=str(error))


async def keep_telling(run: Run, store: Store, settings: Settings, owner: str) -> None:
    """Tell the store how far a run is, renew its lease and log a summary now and then."""
    next_summary = settings.summary_seconds
    while True:
        await asyncio.sleep(_TELL_EVERY)
        progress = run.progress()
        await _take(store, progress["entity"], owner)
        await tell(store, progress)
        elapsed = progress["heartbeat"] - progress["started"]
        if elapsed >= next_summary:
            next_summary = elapsed + settings.summary_seconds
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


async def _take(store: Store, entity: Entity, owner: str) -> None:
    try:
        if not await store.acquire_lease(entity, owner):
            raise LeaseError(
                f"another extractor is reading the {entity.plural}: wait for its end, or stop it"
            )
    except TransientError as error:
        log.warning("lease_not_renewed", entity=entity, error=str(error))
