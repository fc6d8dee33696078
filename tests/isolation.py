"""A place of its own for a test on shared servers.

Neo4j Community has one database, so its graph is emptied instead.
"""

import asyncpg
import neo4j

from tests.servers import graph_driver
from waxline.servers.server import Server

_NODES = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name RETURN name"
_INDEXES = (
    "SHOW INDEXES YIELD name, type, owningConstraint "
    "WHERE owningConstraint IS NULL AND type <> 'LOOKUP' RETURN name"
)
WIPE_SECONDS = 60.0
EXECUTE_SECONDS = 60.0


def url_of(server: Server) -> str:
    """Return the URL of a server that has been started."""
    url = server.url()
    assert url is not None, f"{server.title} is gone: {server.process.log_tail()}"
    return url


async def execute(url: str, statement: str) -> None:
    """Run one statement in PostgreSQL, outside of a transaction."""
    patience = EXECUTE_SECONDS
    connection = await asyncpg.connect(url, timeout=patience, command_timeout=patience)
    try:
        await connection.execute(statement)
    finally:
        await connection.close(timeout=patience)


def empty_graph(url: str) -> None:
    """Delete every node and edge of the graph, on Neo4j and ArcadeDB alike."""
    with graph_driver(url) as driver, driver.session(database=url.rpartition("/")[2]) as session:
        _run(session, _NODES)


def wipe_graph(url: str) -> None:
    """Delete constraints and indexes too."""
    empty_graph(url)
    with graph_driver(url) as driver, driver.session(database=url.rpartition("/")[2]) as session:
        for kind, listing in (("CONSTRAINT", _CONSTRAINTS), ("INDEX", _INDEXES)):
            for name in _run(session, listing):
                _run(session, f"DROP {kind} `{name}` IF EXISTS")


def _run(session: neo4j.Session, statement: str) -> list[str]:
    query = neo4j.Query(statement, timeout=WIPE_SECONDS)
    return [record["name"] for record in session.run(query)]
