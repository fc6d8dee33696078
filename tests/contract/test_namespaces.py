"""Two pipelines on the same servers: neither sees what the other has, or loads its database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from common.broker import Broker
from common.entities import Entity
from common.errors import ServerError, TransientError
from common.records import Record
from common.store import Binding, Store, open_store
from common.store.packing import whole
from common.store.protocol import BLOCK_SIZE
from config.settings import load_settings
from config.sources import BadSettingsError
from loaders.neo4j import GraphSink
from loaders.postgres import PostgresSink
from loaders.sink import Sink
from tests.contract.broker_rigs import (
    SINKS,
    RabbitRig,
    StreamsRig,
    connected,
    consuming,
    message,
    next_of,
)
from tests.contract.sink_batches import written
from tests.full_records import FULL

ARTIST = Entity.ARTIST
NAMES = ("waxline", "other")

Rigs = tuple[StreamsRig | RabbitRig, StreamsRig | RabbitRig]


@pytest.fixture(params=["streams", "rabbitmq"])
def rigs(request: pytest.FixtureRequest) -> Rigs:
    """Two pipelines' brokers on one server."""
    if request.param == "streams":
        url = request.getfixturevalue("valkey_url")
        return StreamsRig(url, NAMES[0]), StreamsRig(url, NAMES[1])
    url = request.getfixturevalue("rabbitmq_url")
    return RabbitRig(url, NAMES[0]), RabbitRig(url, NAMES[1])


@pytest.fixture
async def brokers(rigs: Rigs) -> AsyncIterator[list[Broker]]:
    """The extractors' brokers of both, with the queues of both sinks."""
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(connected(rig)) for rig in rigs]
        for broker in found:
            await broker.declare(SINKS)
        yield found


async def test_messages_stay_in_their_namespace(rigs: Rigs, brokers: list[Broker]) -> None:
    for number, broker in enumerate(brokers):
        await broker.publish(message(b"%d" % number))
    for number, (rig, broker) in enumerate(zip(rigs, brokers, strict=True)):
        assert await broker.depth("postgres", ARTIST) == 1
        async with consuming(rig) as subscription:
            delivery = await next_of(subscription)
            assert delivery.message.body == b"%d" % number
            await subscription.reject(delivery, f"bad {number}")
            assert await subscription.receive(0.05) is None


async def test_dead_letters_stay_in_their_namespace(rigs: Rigs, brokers: list[Broker]) -> None:
    one, other = brokers
    await one.publish(message(b"1"))
    async with consuming(rigs[0]) as subscription:
        await subscription.reject(await next_of(subscription), "bad")
    (letter,) = await one.list_dead_letters("postgres", 10)
    assert await other.dead_letters("postgres") == 0
    await other.replay_dead_letters("postgres", [letter.key])
    assert await one.dead_letters("postgres") == 1
    await one.replay_dead_letters("postgres", [letter.key])
    assert await one.depth("postgres", ARTIST) == 1
    assert await other.depth("postgres", ARTIST) == 0


async def test_a_sink_is_retired_in_its_namespace_only(brokers: list[Broker]) -> None:
    one, other = brokers
    await one.declare(["postgres"])
    await other.publish(message())
    assert await other.depth("neo4j", ARTIST) == 1
    assert await one.depth("postgres", ARTIST) == 0


async def test_what_the_store_holds_stays_in_its_namespace(valkey_url: str) -> None:
    one, other = (
        open_store(load_settings(store_url=valkey_url, namespace=name).server("store"))
        for name in NAMES
    )
    block = bytes(8 * BLOCK_SIZE - 1) + b"\x01"
    binding = Binding(run=1, sinks={"postgres": "a"})
    async with closing(one, other):
        await one.put_fingerprints(ARTIST, {3: block})
        await one.bind(ARTIST, binding)
        assert await one.acquire_lease(ARTIST, "me", 30)
        assert await other.fingerprints(ARTIST, [3]) == [None]
        assert await other.known_blocks(ARTIST) == []
        assert await other.binding(ARTIST) is None
        assert await other.acquire_lease(ARTIST, "you", 30)
        await other.forget_fingerprints(ARTIST, [3])
        (held,) = await one.fingerprints(ARTIST, [3])
        assert whole(held or b"") == block
        assert await one.binding(ARTIST) == binding


def closing(*open_ones: Store | Sink) -> AsyncExitStack:
    stack = AsyncExitStack()
    for one in open_ones:
        stack.push_async_callback(one.close)
    return stack


@pytest.fixture
def postgres_template() -> str:
    """Begin with an empty database: whose it becomes is what is tested."""
    return "template1"


@pytest.fixture(params=["postgres", "neo4j", "arcadedb"])
def sinks(request: pytest.FixtureRequest) -> list[Sink]:
    """The sinks of one pipeline, and two of another, on one database."""
    url = request.getfixturevalue(f"{request.param}_url")
    if request.param == "postgres":
        return [
            PostgresSink(load_settings(postgres_url=url, namespace=n).sink("postgres"))
            for n in (*NAMES, "other")
        ]
    return [
        GraphSink(load_settings(graph_url=url, namespace=n).sink("neo4j"))
        for n in (*NAMES, "other")
    ]


async def test_a_database_of_another_namespace_is_refused(sinks: list[Sink]) -> None:
    one, other, looker = sinks
    async with closing(*sinks):
        await one.open()
        identity = await one.identity()
        for opening in (other.open, looker.look):
            with pytest.raises(ServerError, match="namespace waxline") as caught:
                await opening()
            assert not isinstance(caught.value, TransientError)
            assert caught.value.exit_code == 4
        assert await one.identity() == identity


async def test_what_a_pipeline_has_loaded_it_may_look_at(sinks: list[Sink]) -> None:
    _, one, looker = sinks
    async with closing(*sinks):
        await one.open()
        await written(
            one, Record(id=1, fingerprint=10, data=FULL[Entity.RELEASE])
        )  # it has a style, and a genre
        assert await looker.look()


@pytest.mark.parametrize("name", ["", "Waxline", "a:b", "a.b", "a*", "1st", "a" * 33])
def test_a_namespace_is_a_short_word(name: str) -> None:
    with pytest.raises(BadSettingsError, match="namespace"):
        load_settings(namespace=name)
