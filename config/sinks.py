"""The sinks: what they are called, and what each is opened with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from config.servers import ServerAccess, ServerName

SinkName = Literal["postgres", "neo4j"]
"""Each is a package in `loaders`."""

SINKS: tuple[SinkName, ...] = get_args(SinkName)

SERVERS: Mapping[SinkName, ServerName] = {"postgres": "postgres", "neo4j": "graph"}
"""By sink, in which server it is; its settings are named after that."""

CONTENT_OPTIONS: Mapping[SinkName, str] = {
    "postgres": "postgres_document",
    "neo4j": "graph_track_credits",
}
"""By sink: with this option changed, it has to be given every record once more."""

_ALSO = {"arcadedb": "neo4j"}
"""The graph's sink has one name, by which queues and settings know it, whatever server holds it."""


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What a sink is opened with.

    It writes up to ``batch_size`` records per transaction, in up to ``sessions`` at once.
    ``content`` is its option of `CONTENT_OPTIONS`, empty when that is not set.
    """

    name: SinkName
    server: ServerAccess
    sessions: int
    batch_size: int
    content: str
    compiled: bool


def sink_named(word: str) -> str:
    """Return the sink that is meant by a word; a word that means none as it is."""
    return _ALSO.get(word, word)
