"""Access as the settings say."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from common.cache.keys import Keys
from config.settings import Settings
from serving.access.admission import Rules, opened_access
from serving.access.gate import AccessGate
from serving.access.places import opened_database, opened_values, shared_server


@asynccontextmanager
async def opened_gate(settings: Settings) -> AsyncIterator[AccessGate]:
    """Have access decided for the length of a ``with``."""
    rules = Rules(
        anonymous=settings.anonymous,
        anonymous_limit=settings.anonymous_limit,
        key_limit=settings.key_limit,
        processes=settings.serve_processes,
    )
    server = shared_server(settings)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened_database(settings))
        values = await stack.enter_async_context(opened_values(server))
        opening = opened_access(
            database, values, Keys(settings.namespace), rules, shared=server is not None
        )
        yield AccessGate(await stack.enter_async_context(opening))
