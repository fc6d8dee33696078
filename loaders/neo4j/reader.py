"""Reads nodes and edges back and compares them with what their records must give."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from common.entities import Entity
from common.records import Record
from common.records.graph import EDGES
from loaders.differences import (
    NOTHING,
    Edge,
    Fields,
    Part,
    Parts,
    compare_bags,
    compare_fields,
)
from loaders.neo4j.connection import Graph
from loaders.neo4j.rows import Row, make_row
from loaders.neo4j.schema import LABELS
from loaders.neo4j.statements import content_statements

_NO_DUMP = 0


class GraphReader:
    """Implements `loaders.sink.Reader`."""

    def __init__(self, graph: Graph, *, track_credits: bool) -> None:
        self._graph = graph
        self._texts = {entity: content_statements(entity) for entity in Entity}
        self._track_credits = track_credits

    async def compare(self, entity: Entity, records: Sequence[Record]) -> Parts:
        """Compare the nodes of records, and the edges that go out from them."""
        ids = [record["id"] for record in records]
        texts = self._texts[entity]
        nodes = dict(await self._graph.collect(texts["read_nodes"], ids=ids))
        edges = _edges_by_record(await self._graph.collect(texts["read_edges"], ids=ids))
        found: Parts = {}
        for record in records:
            row = make_row(entity, record, _NO_DUMP, track_credits=self._track_credits)
            parts = [
                *_compare_node(LABELS[entity], row["properties"], nodes.get(record["id"])),
                *compare_bags(_expected_edges(entity, row), edges[record["id"]]),
            ]
            if parts:
                found[record["id"]] = parts
        return found

    async def ids(self, entity: Entity, first: int, last: int) -> list[int]:
        """Return the ids of records, and of stubs with edges of their own."""
        return sorted(await self._graph.collect(self._texts[entity]["ids"], first=first, last=last))

    async def fingerprints(self, entity: Entity, first: int, last: int) -> dict[int, int]:
        """Return fingerprints by id."""
        text = self._texts[entity]["pairs"]
        return dict(await self._graph.collect(text, first=first, last=last))


def _compare_node(label: str, expected: Fields, found: Fields | None) -> Iterator[Part]:
    ours = _without_dump(expected)
    if found is None:
        yield Part(label, "", "", ours, NOTHING)
    else:
        yield from compare_fields(label, "", ours, _without_dump(found))


def _without_dump(properties: Fields) -> Fields:
    return {name: value for name, value in properties.items() if name != "dump"}


def _edges_by_record(found: Sequence[Sequence[Any]]) -> defaultdict[int, list[Edge]]:
    edges: defaultdict[int, list[Edge]] = defaultdict(list)
    for record_id, kind, labels, key, properties in found:
        edges[record_id].append((kind, _target(":".join(sorted(labels)), key), properties))
    return edges


def _expected_edges(entity: Entity, row: Row) -> Iterator[Edge]:
    for edge in EDGES[entity]:
        for key, *values in row[edge.key]:
            properties = dict(zip(edge.properties, values, strict=True))
            yield edge.type, _target(edge.target, key), properties


def _target(label: str, key: Any) -> str:
    return f"to {label} {key!r}"
