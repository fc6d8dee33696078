"""A PostgreSQL sink, open, on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from loaders.postgres import PostgresSink
from loaders.postgres.encoding import ENCODER
from tests.integration.postgres.writing import opened
from tests.unit.compiled_parts import needed


@pytest.fixture
def postgres_template(made_postgres: str) -> str:
    """A copy has the sink's schema, and nothing in it."""
    return made_postgres


@pytest.fixture
async def sink(postgres_url: str) -> AsyncIterator[PostgresSink]:
    async with opened(postgres_url) as sink:
        yield sink


@pytest.fixture(params=[True, False], ids=["compiled", "plain"])
async def sink_of_either(
    postgres_url: str, request: pytest.FixtureRequest
) -> AsyncIterator[PostgresSink]:
    """A sink whose rows the compiled encoder makes and compares, and one where Python does."""
    if request.param:
        needed(ENCODER, "rows_of")
    async with opened(postgres_url, compiled=request.param) as sink:
        yield sink
