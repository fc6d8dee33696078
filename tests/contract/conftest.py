"""The brokers and the sinks that the contracts run on, one after the other."""

from collections.abc import AsyncIterator, Iterator

import pytest

from common.broker import Broker
from common.cache import Values
from common.cache.invalidation import drop_matching
from common.cache.keys import Keys
from loaders.sink import Sink
from tests.contract.broker_rigs import SINKS, RabbitRig, Rig, StreamsRig, connected, rig_of
from tests.contract.caches import SERVERS, started_redis, values_of
from tests.contract.sink_batches import opened
from tests.contract.sinks import HARNESSES, Harness
from tests.foreign import BROKERS, clear_keys, clear_queues, foreign, fresh_namespace
from waxline.servers.server import Server


@pytest.fixture
def postgres_template(made_postgres: str) -> str:
    """A copy has the sink's schema, and nothing in it."""
    return made_postgres


@pytest.fixture(params=list(HARNESSES))
def harness(request: pytest.FixtureRequest) -> Harness:
    return HARNESSES[request.param](request)


@pytest.fixture
async def sink(harness: Harness) -> AsyncIterator[Sink]:
    async with opened(harness) as sink:
        yield sink


@pytest.fixture(params=["memory", "streams", "rabbitmq", *foreign(BROKERS)])
async def rig(request: pytest.FixtureRequest, known_rig: Rig | None) -> AsyncIterator[Rig]:
    """Every test runs on the fake, on Valkey, on RabbitMQ, and on what the environment names."""
    if known_rig:
        yield known_rig
        return
    url, namespace = request.param, fresh_namespace()
    if url.startswith("amqp"):
        yield RabbitRig(url, namespace)
        await clear_queues(url, namespace)
    else:
        yield StreamsRig(url, namespace)
        await clear_keys(url, namespace)


@pytest.fixture
def known_rig(request: pytest.FixtureRequest) -> Rig | None:
    """The rig of one of the suite's own servers, None for one of the environment's."""
    kind = request.node.callspec.params["rig"]
    return rig_of(request, kind) if kind in ("memory", "streams", "rabbitmq") else None


@pytest.fixture
async def broker(rig: Rig) -> AsyncIterator[Broker]:
    """The extractor's broker, with the queues of both sinks."""
    async with connected(rig) as broker:
        await broker.declare(SINKS)
        yield broker


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The distribution's Redis, shared by the whole session."""
    yield from started_redis(tmp_path_factory.mktemp("servers"))


@pytest.fixture(params=["memory", *SERVERS])
async def values(request: pytest.FixtureRequest) -> AsyncIterator[Values]:
    """A place of values: every test runs on the memory and on servers; none is emptied."""
    there = values_of(request, request.param)
    yield there
    await there.close()


@pytest.fixture
async def keys(values: Values) -> AsyncIterator[Keys]:
    """Keys of a namespace of its own, which are deleted at the end."""
    namespace = fresh_namespace()
    yield Keys(namespace)
    await drop_matching(values, f"{namespace}:*")


@pytest.fixture
async def identity(values: Values) -> AsyncIterator[str]:
    """A catalogue's identity; its keys are deleted at the end."""
    fresh = fresh_namespace()[-8:]
    yield fresh
    await drop_matching(values, f"wx:{fresh}:*")
