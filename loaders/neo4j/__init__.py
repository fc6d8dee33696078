"""The graph sink, for Neo4j and ArcadeDB."""

from loaders.neo4j.sink import GraphSink

__all__ = ["GraphSink"]
