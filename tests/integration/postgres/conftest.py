"""A PostgreSQL sink, open, on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from loaders.postgres import PostgresSink
from tests.integration.postgres.writing import opened


@pytest.fixture
async def sink(postgres_url: str) -> AsyncIterator[PostgresSink]:
    async with opened(postgres_url) as sink:
        yield sink
