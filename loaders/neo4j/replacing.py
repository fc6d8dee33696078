"""Keeps, of the edges of changed records, those that stand as they must."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from common.entities import Entity
from common.records.graph import EDGES, Edge
from loaders.neo4j.rows import Row

_Identity: TypeAlias = tuple[Any, ...]
"""What tells an edge of a node from its others: type, label and key of its target, properties."""


Stale: TypeAlias = tuple[int, list[str]]
"""A node's id, and the element ids of those of its edges that are to go."""


def keep_equal(
    entity: Entity, rows: Sequence[Row], held: Iterable[Sequence[Any]]
) -> tuple[list[Row], list[Stale]]:
    """Return the rows with only the edges to be made, and which edges are to go.

    Of a changed record nearly all edges stay the same, and each one made again is written to
    the chains of both its nodes.  ``held`` is what the statement ``lock_edges`` returns.
    """
    found: defaultdict[int, dict[_Identity, str]] = defaultdict(dict)
    twice: defaultdict[int, list[str]] = defaultdict(list)
    for record_id, edge_id, kind, labels, key, properties in held:
        identity = (kind, *labels, key, *_given(properties))
        if found[record_id].setdefault(identity, edge_id) != edge_id:
            twice[record_id].append(edge_id)
    missing = [_missing(entity, row, found[row["id"]]) if found else row for row in rows]
    stale = {record_id: [*edges.values(), *twice[record_id]] for record_id, edges in found.items()}
    return missing, [(record_id, edges) for record_id, edges in sorted(stale.items()) if edges]


def _missing(entity: Entity, row: Row, held: dict[_Identity, str]) -> Row:
    """Return the row with only the edges that are not held, which takes the others from those."""
    missing: Row = {}
    for edge in EDGES[entity]:
        wanted = [(_identity(edge, values), values) for values in row[edge.key]]
        missing[edge.key] = [values for identity, values in wanted if not held.pop(identity, "")]
    return row | missing


def _identity(edge: Edge, values: Sequence[Any]) -> _Identity:
    properties = dict(zip(edge.properties, values[1:], strict=True))
    return (edge.type, edge.target, values[0], *_given(properties))


def _given(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the properties there are, spelt out: else 1 would be True, and a list no key."""
    return ((name, repr(value)) for name, value in sorted(properties.items()) if value is not None)
