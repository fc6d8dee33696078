"""Reads the Cypher files, and fills in labels and types: each statement once, of closed lists."""

import re
from collections.abc import Mapping
from importlib.resources import files

from common.entities import Entity
from common.records.graph import EDGES, Edge
from loaders.neo4j.schema import KEYS, LABELS, types

_NAME = re.compile(r"^// name: ([a-z_]+)$", re.MULTILINE)
_COMMENT = re.compile(r"^//.*\n?", re.MULTILINE)


def sections(file: str) -> dict[str, str]:
    """Return the statements of a file by the name above each, without comments."""
    parts = _NAME.split(_read(file))[1:]
    return {
        name: _COMMENT.sub("", body).strip()
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


def schema() -> list[str]:
    """Return the statements that make constraints, in order; each can be repeated."""
    text = _COMMENT.sub("", _read("schema.cypher"))
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def content_statements(entity: Entity) -> dict[str, str]:
    """Return the statements of content.cypher for one entity, by name."""
    texts = sections("content.cypher")
    words = _words(entity, texts.pop("edge"))
    return {name: _fill(text, words) for name, text in texts.items()}


def stub_statements(label: str) -> dict[str, str]:
    """Return the statements that make, find and remove the stubs of a label."""
    texts = sections("content.cypher")
    words = {"label": label, "key": KEYS[label]}
    return {name: _fill(texts[name], words) for name in ("stubs", "orphans", "sweep")}


def _words(entity: Entity, template: str) -> Mapping[str, str]:
    edges = EDGES[entity]
    calls = [_call(template, edge, f"n{index}") for index, edge in enumerate(edges)]
    return {
        "edges": "\n".join(calls),
        "label": LABELS[entity],
        "key": "id",
        "types": "|".join(types(entity)),
        "made": " + ".join(f"n{index}" for index in range(len(edges))),
        "wanted": " + ".join(f"size(r.{edge.key})" for edge in edges),
    }


def _call(template: str, edge: Edge, made: str) -> str:
    properties = (f"{name}: t[{place}]" for place, name in enumerate(edge.properties, start=1))
    return _fill(
        template,
        {
            "rows": edge.key,
            "target": edge.target,
            "key": KEYS[edge.target],
            "type": edge.type,
            "properties": ", ".join(properties),
            "made": made,
        },
    )


def _fill(template: str, words: Mapping[str, str]) -> str:
    """Put words from closed lists in for ``<name>``: Cypher has no parameters for labels."""
    for name, word in words.items():
        template = template.replace(f"<{name}>", word)
    return template


def _read(file: str) -> str:
    return files(__package__).joinpath(file).read_text(encoding="utf-8")
