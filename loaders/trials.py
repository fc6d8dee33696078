"""Counts how many loaders a message has ended while it was tried by itself."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from common.broker import Delivery
from common.errors import TransientError
from common.store import Store

log = structlog.get_logger()


class Trials:
    """The count of a message is raised before it is tried, and put back when that ends in order.

    So what stays are the ends without a word: a loader killed by its memory, or by a fault in
    compiled code.  An outage of the sink is none of them, however long.  The count is kept in the
    store, which may lose it: then the message is tried more often.
    """

    def __init__(self, sink: str, store: Store, limit: int) -> None:
        self._sink = sink
        self._store = store
        self._limit = limit

    @asynccontextmanager
    async def counted(self, delivery: Delivery) -> AsyncIterator[str]:
        """Have a try counted for the length of a ``with``; gives why there must be none, or ""."""
        name = _name_of(delivery)
        ended = await self._ended(name)
        if ended >= self._limit:
            yield f"it ended {ended} loaders while it was tried by itself"
            await self._put(name, 0)
            return
        await self._put(name, ended + 1)
        try:
            yield ""
        except BaseException:  # a stop, or an outage: neither is the message's fault
            await self._put(name, ended)
            raise
        await self._put(name, 0)

    async def _ended(self, name: str) -> int:
        try:
            return await self._store.trials(self._sink, name)
        except TransientError as error:
            log.warning("trial_not_counted", error=str(error))
            return 0

    async def _put(self, name: str, ended: int) -> None:
        try:
            await self._store.put_trials(self._sink, name, ended)
        except TransientError as error:
            log.warning("trial_not_counted", error=str(error))


def _name_of(delivery: Delivery) -> str:
    """Return what a message is known by, whichever broker brings it, and however often."""
    message = delivery.message
    told = repr(sorted(message.headers.encode().items())).encode()
    return hashlib.blake2b(told + message.body, digest_size=16).hexdigest()
