"""A graph sink, open, on an empty Neo4j and on an empty ArcadeDB."""

from collections.abc import AsyncIterator

import pytest

from loaders.neo4j.sink import GraphSink
from tests.integration.graph.writing import opened


@pytest.fixture
async def sink(graph_url: str) -> AsyncIterator[GraphSink]:
    async with opened(graph_url) as sink:
        yield sink
