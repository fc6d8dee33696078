"""The nodes and edges that a graph must hold, record by record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from common.entities import Entity
from tests.oracle.history import Held, Truth
from tests.oracle.values import (
    Fields,
    attribute,
    credits_of,
    labels_of,
    names,
    number,
    reference,
    text,
    texts,
    truth,
    year,
)

Node = tuple[str, Any]
"""A label, and the id or name that a node of it goes by."""

Edge = tuple[str, Node, Node, tuple[tuple[str, Any], ...]]
"""Type, from, to, and the properties in the order of their names."""

Arrow = tuple[str, Node, Fields]
"""An edge that a record owns: type, to, properties."""


WORDS = ("Genre", "Style")
"""Labels of nodes that no record makes by itself."""


@dataclass
class Graph:
    """Nodes with their properties, edges, and what is only ever added: words and their parts."""

    nodes: dict[Node, Fields] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    words: set[Node] = field(default_factory=set)
    parts: set[Edge] = field(default_factory=set)


def expected_graph(truth: Truth) -> Graph:
    """Return the graph of the records held; ``words`` and ``parts`` are of those."""
    graph = Graph()
    for entity, records in truth.records.items():
        for number_, held in records.items():
            _add(graph, entity, number_, held)
    for _, _, target, _ in graph.edges:
        key = "name" if target[0] in WORDS else "id"
        graph.nodes.setdefault(target, {key: target[1]})
    return graph


def ever_there(truth: Truth) -> Graph:
    """Return ``words`` and ``parts`` of all records that were ever written: they stay."""
    graph = Graph()
    for entity, held in truth.ever:
        _add_words(graph, entity, held.element)
    return graph


def edge(kind: str, source: Node, target: Node, properties: Fields) -> Edge:
    """Return an edge without the properties that have no value."""
    said = {name: value for name, value in properties.items() if value is not None}
    return kind, source, target, tuple(sorted(said.items()))


def _add(graph: Graph, entity: Entity, number_: int, held: Held) -> None:
    element = held.element
    own = (entity.value.capitalize(), number_)
    properties: Fields = {"id": number_, "dump": held.dump} | _PROPERTIES[entity](element)
    graph.nodes[own] = {name: value for name, value in properties.items() if value is not None}
    graph.edges.update(edge(kind, own, to, said) for kind, to, said in _ARROWS[entity](element))
    _add_words(graph, entity, element)


def _add_words(graph: Graph, entity: Entity, element: Element) -> None:
    if entity not in (Entity.MASTER, Entity.RELEASE):
        return
    genres = {("Genre", name) for name in texts(element, "genres/genre")}
    styles = {("Style", name) for name in texts(element, "styles/style")}
    graph.words |= genres | styles
    if len(genres) == 1:
        graph.parts |= {edge("PART_OF", style, genre, {}) for style in styles for genre in genres}


def _artist(artist: Element) -> Fields:
    named = {name: text(artist, name) for name in ("name", "profile", "data_quality")}
    return named | {"real_name": text(artist, "realname")}


def _label(label: Element) -> Fields:
    named = {name: text(label, name) for name in ("name", "profile", "data_quality")}
    return named | {"contact_info": text(label, "contactinfo")}


def _master(master: Element) -> Fields:
    named = {name: text(master, name) for name in ("title", "data_quality")}
    numbers = {"main_release": reference(text(master, "main_release"))}
    return named | numbers | {"year": number(text(master, "year")) or None}


def _release(release: Element) -> Fields:
    tags = ("title", "country", "released", "data_quality")
    formats = [form.get("name") or "" for form in release.iterfind("formats/format")]
    barcodes = [
        found.get("value") or ""
        for found in release.iterfind("identifiers/identifier")
        if found.get("type") == "Barcode"
    ]
    return {name: text(release, name) for name in tags} | {
        "status": attribute(release, "status"),
        "year": year(text(release, "released")),
        "formats": _distinct(formats),
        "barcodes": _distinct(barcodes),
    }


def _distinct(values: list[str]) -> list[str] | None:
    found: list[str] = []
    for value in values:
        if value and value not in found:
            found.append(value)
    return found or None


def _from_artist(artist: Element) -> Iterator[Arrow]:
    yield from _named(artist, "MEMBER_OF", "groups/name", "Artist")
    yield from _named(artist, "HAS_MEMBER", "members/name", "Artist")
    yield from _named(artist, "ALIAS_OF", "aliases/name", "Artist")


def _from_label(label: Element) -> Iterator[Arrow]:
    for parent in label.iterfind("parentLabel"):
        if number_ := reference(parent.get("id")):
            yield "SUBLABEL_OF", ("Label", number_), {}
    yield from _named(label, "HAS_SUBLABEL", "sublabels/label", "Label")


def _named(element: Element, kind: str, path: str, label: str) -> Iterator[Arrow]:
    for found in names(element, path):
        if found["id"]:
            yield kind, (label, found["id"]), {}


def _from_master(element: Element) -> Iterator[Arrow]:
    for position, credit in enumerate(credits_of(element, "artists"), start=1):
        if credit["id"]:
            said = {"position": position, "anv": credit["anv"], "join": credit["join"]}
            yield "BY", ("Artist", credit["id"]), said
    for label, path in (("Genre", "genres/genre"), ("Style", "styles/style")):
        for name in texts(element, path):
            yield "IS", (label, name), {}


def _from_release(release: Element) -> Iterator[Arrow]:
    yield from _from_master(release)
    for credit in credits_of(release, "extraartists"):
        if credit["id"]:
            said = {"role": credit["role"], "tracks": credit["tracks"]}
            yield "CREDITS", ("Artist", credit["id"]), said
    for label in labels_of(release, "labels/label"):
        if label["id"]:
            yield "ON", ("Label", label["id"]), {"catno": label["catno"]}
    for master in release.iterfind("master_id"):
        if number_ := reference(master.text):
            said = {"main": truth(master.get("is_main_release"))}
            yield "DERIVED_FROM", ("Master", number_), said


_PROPERTIES: dict[Entity, Callable[[Element], Fields]] = {
    Entity.ARTIST: _artist,
    Entity.LABEL: _label,
    Entity.MASTER: _master,
    Entity.RELEASE: _release,
}

_ARROWS: dict[Entity, Callable[[Element], Iterator[Arrow]]] = {
    Entity.ARTIST: _from_artist,
    Entity.LABEL: _from_label,
    Entity.MASTER: _from_master,
    Entity.RELEASE: _from_release,
}
