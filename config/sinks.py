"""What a user may call the sinks."""

_ALSO = {"arcadedb": "neo4j"}
"""The graph's sink has one name, by which queues and settings know it, whatever server holds it."""


def sink_named(word: str) -> str:
    """Return the sink that is meant by a word; a word that means none as it is."""
    return _ALSO.get(word, word)
