"""Builds the statements about an entity's nodes, each once, from the closed lists."""

from collections.abc import Mapping

from common.entities import Entity
from loaders.neo4j.schema import EDGES, KEYS, LABELS, Edge, types
from loaders.neo4j.statements import fill, sections


def content_statements(entity: Entity) -> dict[str, str]:
    """Return the statements of content.cypher for one entity, by name."""
    texts = sections("content.cypher")
    words = _words(entity, texts.pop("edge"))
    return {name: fill(text, words) for name, text in texts.items()}


def stub_statements(label: str) -> dict[str, str]:
    """Return the statements that make, find and remove the stubs of a label."""
    texts = sections("content.cypher")
    words = {"label": label, "key": KEYS[label]}
    return {name: fill(texts[name], words) for name in ("stubs", "orphans", "sweep")}


def _words(entity: Entity, template: str) -> Mapping[str, str]:
    edges = EDGES[entity]
    calls = [_call(template, edge, f"n{index}") for index, edge in enumerate(edges)]
    return {
        "edges": "\n".join(calls),
        "label": LABELS[entity],
        "key": "id",
        "types": "|".join(types(entity)),
        "made": " + ".join(f"n{index}" for index in range(len(edges))),
        "wanted": " + ".join(f"size(r.{edge.rows})" for edge in edges),
    }


def _call(template: str, edge: Edge, made: str) -> str:
    properties = (f"{name}: t[{place}]" for place, name in enumerate(edge.properties, start=1))
    return fill(
        template,
        {
            "rows": edge.rows,
            "target": edge.target,
            "key": KEYS[edge.target],
            "type": edge.type,
            "properties": ", ".join(properties),
            "made": made,
        },
    )
