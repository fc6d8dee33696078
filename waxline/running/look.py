"""How to look at what was loaded: a first SQL and a first Cypher query, with their answers."""

from rich.console import Console

from config.settings import Settings, redact
from loaders.neo4j.connection import Graph
from loaders.postgres.database import Database

SQL = """\
SELECT genre, count(*) AS releases
FROM discogs.release_genre GROUP BY genre ORDER BY releases DESC, genre LIMIT 3"""

CYPHER = """\
MATCH (r:Release)-[:BY]->(a:Artist) WHERE a.name IS NOT NULL
RETURN a.name AS artist, count(r) AS releases ORDER BY releases DESC, artist LIMIT 3"""


async def show_how_to_look(console: Console, settings: Settings) -> None:
    """Print the sinks' URLs without passwords, and a query each with its answer."""
    if "postgres" in settings.sinks:
        rows = await _ask_postgres(settings)
        _print(console, "PostgreSQL", settings.url("postgres_url"), SQL, rows)
    if "neo4j" in settings.sinks:
        rows = await _ask_graph(settings)
        _print(console, "Graph", settings.url("graph_url"), CYPHER, rows)


def _print(console: Console, name: str, url: str, query: str, rows: list[tuple[str, int]]) -> None:
    console.print(f"\n{name}: {redact(url)}", highlight=False, soft_wrap=True)
    for line in query.splitlines():
        console.print(f"    {line}", highlight=False, markup=False, soft_wrap=True)
    for name_, count in rows:
        console.print(f"      {name_}: {count:,}", highlight=False, markup=False, soft_wrap=True)


async def _ask_postgres(settings: Settings) -> list[tuple[str, int]]:
    database = Database(settings)
    await database.open()
    try:
        async with database.session() as session:
            return [(row["genre"], row["releases"]) for row in await session.fetch(SQL)]
    finally:
        await database.close()


async def _ask_graph(settings: Settings) -> list[tuple[str, int]]:
    graph = Graph(settings)
    await graph.open()
    try:
        return [(row["artist"], row["releases"]) for row in await graph.read(CYPHER)]
    finally:
        await graph.close()
