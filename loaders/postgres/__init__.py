"""PostgreSQL as a sink: relational tables for everything a dump holds."""

from config.settings import Settings
from loaders.postgres.sink import PostgresSink

__all__ = ["PostgresSink", "open_sink"]


def open_sink(settings: Settings) -> PostgresSink:
    """Return the sink of ``postgres_url``; its ``open`` connects."""
    return PostgresSink(settings)
