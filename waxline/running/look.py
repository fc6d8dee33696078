"""How to look at what was loaded: a first SQL and a first Cypher query, with their answers."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import neo4j
from rich.console import Console

from config.settings import Settings, redact

SQL = """\
SELECT genre, count(*) AS releases
FROM discogs.release_genre GROUP BY genre ORDER BY releases DESC, genre LIMIT 3"""

CYPHER = """\
MATCH (r:Release)-[:BY]->(a:Artist) WHERE a.name IS NOT NULL
RETURN a.name AS artist, count(r) AS releases ORDER BY releases DESC, artist LIMIT 3"""

_DEADLINE = 30.0  # s


async def show_how_to_look(console: Console, settings: Settings) -> None:
    """Print the sinks' URLs without passwords, and a query each with its answer."""
    if "postgres" in settings.sinks:
        url = settings.url("postgres_url")
        _print(console, "PostgreSQL", url, SQL, await _ask_postgres(url))
    if "neo4j" in settings.sinks:
        url = settings.url("graph_url")
        _print(console, "graph", url, CYPHER, await _ask_graph(url))


def _print(
    console: Console, name: str, url: str, query: str, rows: list[tuple[str, int]]
) -> None:
    console.print(f"\n{name}: {redact(url)}", highlight=False)
    for line in query.splitlines():
        console.print(f"    {line}", highlight=False, markup=False)
    for name_, count in rows:
        console.print(f"      {name_}: {count:,}", highlight=False, markup=False)


async def _ask_postgres(url: str) -> list[tuple[str, int]]:
    connection = await asyncpg.connect(url, timeout=_DEADLINE, command_timeout=_DEADLINE)
    try:
        return [(row["genre"], row["releases"]) for row in await connection.fetch(SQL)]
    finally:
        await connection.close()


async def _ask_graph(url: str) -> list[tuple[str, int]]:
    server, user, password, database = _parts(url)
    async with neo4j.AsyncGraphDatabase.driver(
        server, auth=(user, password), connection_timeout=_DEADLINE
    ) as driver:
        query = neo4j.Query(CYPHER, timeout=_DEADLINE)  # type: ignore[arg-type] # a constant
        async with driver.session(database=database) as session:
            result = await session.run(query)
            return [(record["artist"], record["releases"]) async for record in result]


def _parts(url: str) -> tuple[str, str, str, str | None]:
    parts = urlsplit(url)
    server = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))
    return server, parts.username or "", parts.password or "", parts.path.strip("/") or None
