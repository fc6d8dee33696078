"""The brokers and the sinks that the contracts run on, one after the other."""

from collections.abc import AsyncIterator

import pytest

from common.broker import Broker
from loaders.sink import Sink
from tests.contract.broker_rigs import SINKS, Rig, connected, rig_of
from tests.contract.sink_batches import opened
from tests.contract.sinks import HARNESSES, Harness


@pytest.fixture(params=list(HARNESSES))
def harness(request: pytest.FixtureRequest) -> Harness:
    return HARNESSES[request.param](request)


@pytest.fixture
async def sink(harness: Harness) -> AsyncIterator[Sink]:
    async with opened(harness) as sink:
        yield sink


@pytest.fixture(params=["memory", "streams", "rabbitmq"])
def rig(request: pytest.FixtureRequest) -> Rig:
    """Every test runs on the fake, on Valkey and on RabbitMQ."""
    return rig_of(request)


@pytest.fixture
async def broker(rig: Rig) -> AsyncIterator[Broker]:
    """The extractor's broker, with the queues of both sinks."""
    async with connected(rig) as broker:
        await broker.declare(SINKS)
        yield broker
