"""The sinks that the contract runs on, one after the other."""

from collections.abc import AsyncIterator

import pytest

from loaders.sink import Sink
from tests.contract.sink_batches import opened
from tests.contract.sinks import HARNESSES, Harness


@pytest.fixture(params=list(HARNESSES))
def harness(request: pytest.FixtureRequest) -> Harness:
    return HARNESSES[request.param](request)


@pytest.fixture
async def sink(harness: Harness) -> AsyncIterator[Sink]:
    async with opened(harness) as sink:
        yield sink
