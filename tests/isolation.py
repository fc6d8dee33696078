"""Empties a shared graph: Neo4j Community has one database, so a test cannot have its own."""

import neo4j

from tests.servers import graph_driver

_NODES = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name RETURN name"
_INDEXES = (
    "SHOW INDEXES YIELD name, type, owningConstraint "
    "WHERE owningConstraint IS NULL AND type <> 'LOOKUP' RETURN name"
)
WIPE_SECONDS = 60.0


def wipe_graph(url: str) -> None:
    """Delete every node, edge, constraint and index of the graph, on Neo4j and ArcadeDB alike."""
    with graph_driver(url) as driver, driver.session(database=url.rpartition("/")[2]) as session:
        _run(session, _NODES)
        for kind, listing in (("CONSTRAINT", _CONSTRAINTS), ("INDEX", _INDEXES)):
            for name in _run(session, listing):
                _run(session, f"DROP {kind} `{name}` IF EXISTS")


def _run(session: neo4j.Session, statement: str) -> list[str]:
    query = neo4j.Query(statement, timeout=WIPE_SECONDS)
    return [record["name"] for record in session.run(query)]
