"""Where keys, their use and limits are kept, opened as the settings say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from common.cache import Values, open_values
from common.cache.keys import Keys
from common.errors import TransientError
from common.postgres.database import Database
from config.servers import ServerAccess
from config.settings import Settings
from serving.access.keys import KeyTables
from serving.access.known import revoke_in_cache

_SESSIONS = 2


@asynccontextmanager
async def key_tables_of(settings: Settings) -> AsyncIterator[KeyTables]:
    """Have the tables of keys, made where they are missing."""
    async with opened_database(settings) as database:
        tables = KeyTables(database)
        await tables.make()
        yield tables


async def revoke(settings: Settings, tables: KeyTables, name: str) -> bool:
    """Revoke a key; tell whether every process refuses it within a second.

    Else that takes until it is next asked for in PostgreSQL, five minutes at most.
    """
    digest = await tables.revoke(name)
    server = shared_server(settings)
    if server is None:
        return False
    async with opened_values(replace(server, timeout=settings.store_timeout)) as values:
        with suppress(TransientError):
            await revoke_in_cache(values, Keys(settings.namespace), digest)
            return True
    return False


def shared_server(settings: Settings) -> ServerAccess | None:
    """Return where limits and validated keys are: in the store, if there is one, for a cache may
    forget them."""
    if settings.store_url:
        return replace(settings.server("store"), timeout=settings.cache_timeout)
    return settings.server("cache") if settings.cache_url else None


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """Have sessions that may write."""
    database = Database(settings.server("reading"), _SESSIONS)
    try:
        await database.open()
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def opened_values(server: ServerAccess | None) -> AsyncIterator[Values]:
    """Have the values of a server, or of this process alone."""
    values = open_values(server)
    try:
        yield values
    finally:
        await values.close()
