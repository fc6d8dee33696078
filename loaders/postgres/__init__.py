"""PostgreSQL as a sink: relational tables for everything a dump holds."""

from loaders.postgres.sink import PostgresSink

__all__ = ["PostgresSink"]
