"""The closed lists of labels and edge types; nothing else reaches the text of a statement."""

from dataclasses import dataclass

from common.entities import Entity

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


@dataclass(frozen=True, slots=True)
class Edge:
    """A kind of edge that a record owns.

    ``rows`` names the list of such edges in a row; each is a tuple of the target's key and
    the values of ``properties``.
    """

    rows: str
    type: str
    target: str
    properties: tuple[str, ...] = ()


_BY = Edge("by", "BY", "Artist", ("position", "anv", "join"))
_GENRES = Edge("genres", "IS", "Genre")
_STYLES = Edge("styles", "IS", "Style")

EDGES: dict[Entity, tuple[Edge, ...]] = {
    Entity.ARTIST: (
        Edge("groups", "MEMBER_OF", "Artist"),
        Edge("members", "HAS_MEMBER", "Artist"),
        Edge("aliases", "ALIAS_OF", "Artist"),
    ),
    Entity.LABEL: (
        Edge("parents", "SUBLABEL_OF", "Label"),
        Edge("sublabels", "HAS_SUBLABEL", "Label"),
    ),
    Entity.MASTER: (_BY, _GENRES, _STYLES),
    Entity.RELEASE: (
        _BY,
        Edge("credits", "CREDITS", "Artist", ("role", "tracks", "track", "track_sequence")),
        Edge("labels", "ON", "Label", ("catno",)),
        Edge("masters", "DERIVED_FROM", "Master", ("main",)),
        _GENRES,
        _STYLES,
    ),
}


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
