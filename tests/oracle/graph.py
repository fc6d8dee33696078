"""Compares all nodes and edges of a graph with what it must hold."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import neo4j

from common.entities import Entity
from tests.oracle.differences import Difference, compare
from tests.oracle.graph_rows import WORDS, Edge, Graph, Node, edge, ever_there, expected_graph
from tests.oracle.history import Truth
from tests.oracle.values import Fields

DEADLINE = 60.0

_OWN = "Waxline"
"""Labels that begin so are the loader's own bookkeeping."""

_NODES = "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"
_DELETIONS = "MATCH (d:WaxlineDeletion) RETURN d.entity AS entity, d.id AS id, d.dump AS dump"
_EDGES = """
MATCH (a)-[e]->(b)
RETURN type(e) AS type, labels(a) AS source_labels, coalesce(a.id, a.name) AS source,
  labels(b) AS target_labels, coalesce(b.id, b.name) AS target, properties(e) AS properties
"""


async def compare_graph(url: str, truth: Truth) -> list[Difference]:
    """Return all differences between the graph and the truth.

    Genres, styles and what part of which they are is never removed: what was ever written may
    be there, what is held has to be.
    """
    expected, ever = expected_graph(truth), ever_there(truth)
    async with session_of(url) as session:
        nodes, edges = await _nodes(session), await _edges(session)
        deletions = await _deletions(session)
    return [
        *_compare_records(expected, nodes),
        *_compare_edges(expected.edges, Counter(e for e in edges if e[0] != "PART_OF")),
        *_compare_kept("deletion", truth.deletions, truth.deletions, deletions),
        *_compare_kept("word", expected.words, ever.words, {n for n in nodes if n[0] in WORDS}),
        *_compare_kept("part", expected.parts, ever.parts, {e for e in edges if e[0] == "PART_OF"}),
    ]


def _compare_records(expected: Graph, nodes: dict[Node, Fields]) -> Iterator[Difference]:
    """Compare nodes that are no words; a record's fingerprint must be there, a stub has none."""
    records = {node: said for node, said in expected.nodes.items() if node[0] not in WORDS}
    found = {node: dict(said) for node, said in nodes.items() if node[0] not in WORDS}
    for node, said in found.items():
        is_record = "dump" in records.get(node, {})
        if is_record and not said.pop("fingerprint", None):
            yield Difference("node", node, "fingerprint", "some", "none")
    yield from compare("node", records, found)


def _compare_edges(expected: set[Edge], found: Counter[Edge]) -> Iterator[Difference]:
    for one in expected | found.keys():
        wanted = int(one in expected)
        if found[one] != wanted:
            yield Difference("edge", one, "", f"{wanted} of it", f"{found[one]}")


def _compare_kept(
    where: str, least: set[Any], most: set[Any], found: set[Any]
) -> Iterator[Difference]:
    yield from (Difference(where, one, "", "to be there", "nothing") for one in least - found)
    yield from (Difference(where, one, "", "nothing", "it") for one in found - most)


@asynccontextmanager
async def session_of(url: str) -> AsyncIterator[neo4j.AsyncSession]:
    """Open a session on the database of a Bolt URL with credentials."""
    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2], path="").geturl()
    auth = (unquote(parts.username or ""), unquote(parts.password or ""))
    async with (
        neo4j.AsyncGraphDatabase.driver(
            address, auth=auth, connection_timeout=DEADLINE, connection_acquisition_timeout=DEADLINE
        ) as driver,
        driver.session(database=parts.path.strip("/")) as session,
    ):
        yield session


async def _nodes(session: neo4j.AsyncSession) -> dict[Node, Fields]:
    nodes: dict[Node, Fields] = {}
    async for record in await session.run(neo4j.Query(_NODES, timeout=DEADLINE)):
        labels, said = record["labels"], record["properties"]
        if labels and labels[0].startswith(_OWN):
            continue
        node = _node(labels, said.get("id", said.get("name")))
        assert node not in nodes, f"two nodes {node}"
        nodes[node] = said
    return nodes


async def _deletions(session: neo4j.AsyncSession) -> set[tuple[Entity, int, int]]:
    found = await session.run(neo4j.Query(_DELETIONS, timeout=DEADLINE))
    return {(Entity(one["entity"]), one["id"], one["dump"]) async for one in found}


async def _edges(session: neo4j.AsyncSession) -> list[Edge]:
    return [
        edge(
            record["type"],
            _node(record["source_labels"], record["source"]),
            _node(record["target_labels"], record["target"]),
            record["properties"],
        )
        async for record in await session.run(neo4j.Query(_EDGES, timeout=DEADLINE))
    ]


def _node(labels: list[str], key: Any) -> Node:
    return ":".join(sorted(labels)), key
