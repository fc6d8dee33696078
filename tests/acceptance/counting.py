"""How many records a sink holds, asked of the database itself."""

from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg

from common.entities import Entity
from tests.oracle.graph import DEADLINE, session_of

Counter = Callable[[Entity], Awaitable[int]]


def counters(postgres: str, graph: str) -> dict[str, Counter]:
    """Return what counts the records of an entity, by sink."""
    return {
        "postgres": partial(postgres_records, postgres),
        "neo4j": partial(graph_records, graph),
    }


async def postgres_records(url: str, entity: Entity) -> int:
    """Count the rows of an entity's table."""
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=DEADLINE)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM discogs.{entity}"))  # noqa: S608
    finally:
        await connection.close(timeout=DEADLINE)


async def graph_records(url: str, entity: Entity) -> int:
    """Count the nodes of an entity that are no stubs."""
    label = entity.value.capitalize()
    async with session_of(url) as session:
        result = await session.run(f"MATCH (x:{label}) WHERE x.dump > 0 RETURN count(x) AS n")
        return int((await result.single(strict=True))["n"])
