"""What the graph has of a record: properties of its node, and the edges that it owns."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.entities import Entity
from common.records import RECORD_TYPES, declaring
from common.records.fields import fields_of


@dataclass(frozen=True, slots=True)
class Edge:
    """A kind of edge, and the member of a record that it is made of."""

    key: str
    type: str
    target: str
    properties: tuple[str, ...]


PROPERTIES: Mapping[Entity, tuple[str, ...]] = {
    entity: tuple(one.key for one in fields_of(of.data) if one.marked(declaring.Property))
    for entity, of in RECORD_TYPES.items()
}
"""The members of a record that its node has as they are."""

EDGES: Mapping[Entity, tuple[Edge, ...]] = {
    entity: tuple(
        Edge(one.key, edge.type, edge.target, edge.properties)
        for one in fields_of(of.data)
        if (edge := one.marked(declaring.Edge))
    )
    for entity, of in RECORD_TYPES.items()
}
