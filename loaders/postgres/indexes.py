"""Builds, once per entity, what a first load goes without: keys, indexes, statistics."""

import time

import asyncpg
import structlog

from common.entities import Entity
from loaders.postgres.database import Session
from loaders.postgres.sql import Statements

BUILD_SECONDS = 6 * 3600.0
"""Deadline of one index: the largest child table of the catalogue has 200 million rows."""

_log = structlog.get_logger(__name__)


async def is_prepared(session: Session, sql: Statements, entity: Entity) -> bool:
    """Tell whether an entity's indexes are there."""
    prepared: bool = await session.fetchval(sql("is_prepared", entity))
    return prepared


async def prepare(session: Session, sql: Statements, blocks: Statements, entity: Entity) -> None:
    """Build what an entity lacks, each index in a transaction of its own.

    A second loader waits for the first; what a killed one has built stays.
    """
    await session.execute(sql("lock_prepare", entity))
    if await is_prepared(session, sql, entity):
        return
    await session.execute(sql("settings_to_prepare"))
    statements = blocks.each(entity.value)
    if await _has_trigrams(session, sql):
        statements += blocks.each(f"{entity}_trigrams")
    for statement in statements + blocks.each(f"{entity}_statistics"):
        await _run(session, entity, statement)
    await session.execute(sql("set_prepared", entity))


async def _run(session: Session, entity: Entity, statement: str) -> None:
    started = time.monotonic()
    await session.execute(statement, timeout=BUILD_SECONDS)
    _log.info(
        "postgres_prepared",
        entity=entity.value,
        statement=" ".join(statement.split())[:120],
        seconds=round(time.monotonic() - started, 1),
    )


async def _has_trigrams(session: Session, sql: Statements) -> bool:
    """Have pg_trgm and its operators on the search path, or say why not."""
    try:
        await session.execute(sql("create_trigrams"))
    except (
        asyncpg.FeatureNotSupportedError,
        asyncpg.InsufficientPrivilegeError,
        asyncpg.UndefinedFileError,
    ) as error:
        _log.warning("postgres_no_trigrams", reason=str(error))
        return False
    await session.execute(sql("find_trigrams"))
    return True
