"""The closed lists of labels and keys; edges and their types are declared in `common.records`.

Nothing else reaches the text of a statement.
"""

from common.entities import Entity
from common.records.graph import EDGES

LABELS: dict[Entity, str] = {
    Entity.ARTIST: "Artist",
    Entity.LABEL: "Label",
    Entity.MASTER: "Master",
    Entity.RELEASE: "Release",
}

KEYS: dict[str, str] = {
    "Artist": "id",
    "Label": "id",
    "Master": "id",
    "Genre": "name",
    "Style": "name",
}
"""The property that a reference to a node of this label goes by."""


def types(entity: Entity) -> list[str]:
    """Return the distinct edge types an entity owns."""
    return list(dict.fromkeys(edge.type for edge in EDGES[entity]))


def stub_labels(entity: Entity) -> list[str]:
    """Return the labels on which a run of this entity can leave or make stubs."""
    pointed_at = {edge.target for edge in EDGES[entity]} | {LABELS[entity]}
    return sorted(label for label in pointed_at if KEYS.get(label) == "id")


def points_at_itself(entity: Entity) -> bool:
    """Tell whether records of an entity have edges to others of it.

    Two batches of such records lock each other's nodes, in any order: a deadlock.
    """
    return any(edge.target == LABELS[entity] for edge in EDGES[entity])
