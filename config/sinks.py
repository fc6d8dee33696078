"""The sinks by name, and what a user may call them."""

from typing import Literal, get_args

SinkName = Literal["postgres", "neo4j"]
"""Each is a package in `loaders`."""

SINKS: tuple[SinkName, ...] = get_args(SinkName)

_ALSO = {"arcadedb": "neo4j"}
"""The graph's sink has one name, by which queues and settings know it, whatever server holds it."""


def sink_named(word: str) -> str:
    """Return the sink that is meant by a word; a word that means none as it is."""
    return _ALSO.get(word, word)
