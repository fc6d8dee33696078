"""What the readings of one process share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from common.broker import Broker, open_broker
from common.errors import TransientError
from common.store import Store, open_store
from config.settings import Settings
from extractor.parsing.pool import ParsePool, open_pool
from extractor.walkers import choose_walker


@dataclass(frozen=True, slots=True)
class Services:
    """Connections, parse processes and settings."""

    broker: Broker
    store: Store
    pool: ParsePool
    settings: Settings


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Have parse processes, connect to store and broker; close them in reverse."""
    async with AsyncExitStack() as stack:
        walker = choose_walker(compiled=settings.compiled)
        opening = open_pool(settings.parse_processes, compiled=walker is not None)
        pool = await stack.enter_async_context(opening)
        store = open_store(settings)
        stack.push_async_callback(store.close)
        with suppress(TransientError):  # without it everything is sent
            await store.check()
        broker = await open_broker(settings)
        stack.push_async_callback(broker.close)
        yield Services(broker, store, pool, settings)
