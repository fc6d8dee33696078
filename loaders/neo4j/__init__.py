"""The graph sink, for Neo4j and ArcadeDB."""

from config.settings import Settings
from loaders.neo4j.sink import GraphSink


def open_sink(settings: Settings) -> GraphSink:
    """Return the sink for ``graph_url``, not yet connected; raise `SettingsError`."""
    return GraphSink(settings)
