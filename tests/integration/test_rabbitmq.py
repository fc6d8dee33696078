"""The broker on RabbitMQ when the server dies, freezes, refuses or differs."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import psutil
import pytest

from common.broker.protocol import Subscription
from common.broker.rabbitmq import RabbitBroker
from common.broker.rabbitmq_subscription import RabbitSubscription
from common.broker.rabbitmq_topology import Names, Topology
from common.entities import Entity
from common.errors import ServerError, TransientError
from common.messages import Headers, Kind, Message
from config.servers import with_password
from tests.contract.broker_rigs import QUEUE_BYTES, contract_settings
from tests.rabbitmq import RabbitMQ
from tests.servers import started

PATIENCE = 60.0
ARTIST = Entity.ARTIST


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """A RabbitMQ to be killed, not always started anew."""
    with started(RabbitMQ("rabbitmq", tmp_path_factory.mktemp("mortal"))) as server:
        yield server


@pytest.fixture
def server(mortal: RabbitMQ) -> RabbitMQ:
    """A RabbitMQ with empty queues that a test may leave dead."""
    mortal.start()
    delete = '[rabbit_amqqueue:delete(Q, false, false, <<"test">>) || Q <- rabbit_amqqueue:list()].'
    mortal.evaluate(delete)
    return mortal


async def objects_after(broker: RabbitBroker, looks: int) -> int:
    """Return what is left, cycles not counted, after so many looks at a queue."""
    for _ in range(looks):
        assert await broker.depth("postgres", ARTIST) == 0
    gc.collect()
    return len(gc.get_objects())


async def test_looking_at_a_queue_leaves_nothing_behind(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        await broker.declare(["postgres"])
        before = await objects_after(broker, looks=20)
        assert await objects_after(broker, looks=200) - before < 200
        assert await broker.depth("nobody", ARTIST) == 0
        assert await broker.depth("postgres", ARTIST) == 0


@asynccontextmanager
async def connected(url: str, **changes: Any) -> AsyncIterator[RabbitBroker]:
    settings = contract_settings(url, **{"queue_bytes": 10_000_000, "retry_seconds": 60, **changes})
    broker = RabbitBroker(settings.server("broker"), settings.queue_bytes)
    try:
        yield broker
    finally:
        await broker.close()


def process(server: RabbitMQ) -> psutil.Process:
    found = server.process.alive()
    assert found is not None
    return found


def crash(server: RabbitMQ) -> None:
    node = process(server)
    node.kill()
    psutil.wait_procs([node], timeout=PATIENCE)


def message(number: int) -> Message:
    return Message(Headers(Kind.BATCH, ARTIST, 7, 20260101, 1), b"%d" % number)


async def take_until(subscription: Subscription, last: bytes) -> set[bytes]:
    """Acknowledge everything up to and including one body."""
    found: set[bytes] = set()
    async with asyncio.timeout(PATIENCE):
        while last not in found:
            if delivery := await subscription.receive(1):
                found.add(delivery.message.body)
                await subscription.ack([delivery])
    return found


async def test_publishers_and_consumers_outlive_a_crash_of_the_server(server: RabbitMQ) -> None:
    url = str(server.url())
    async with connected(url) as broker, connected(url) as loader:
        await broker.declare(["postgres"])
        subscription = await loader.subscribe("postgres", ARTIST, 4)
        await broker.publish(message(0))
        held = await subscription.receive(PATIENCE)
        assert held is not None
        await asyncio.to_thread(crash, server)
        publishing = [asyncio.create_task(broker.publish(message(n))) for n in range(1, 9)]
        restarting = asyncio.create_task(asyncio.to_thread(server.start))
        assert await subscription.receive(0.1) is None
        await asyncio.wait_for(restarting, PATIENCE)
        await asyncio.wait_for(asyncio.gather(*publishing), PATIENCE)
        await subscription.ack([held])  # of a connection that is gone: no error
        await broker.publish(message(9))
        assert await take_until(subscription, b"9") >= {b"%d" % n for n in range(1, 10)}
        await subscription.close()


@pytest.mark.long
async def test_a_crash_in_the_middle_of_publishing(server: RabbitMQ) -> None:
    url = str(server.url())
    async with connected(url) as broker, connected(url) as loader:
        await broker.declare(["postgres"])
        subscription = await loader.subscribe("postgres", ARTIST, 4)
        taking = asyncio.create_task(take_until(subscription, b"last"))
        publishing = asyncio.create_task(publish_many(broker))
        assert await subscription.receive(PATIENCE) is not None
        await asyncio.to_thread(crash, server)
        await asyncio.wait_for(asyncio.to_thread(server.start), PATIENCE)
        await asyncio.wait_for(publishing, PATIENCE)
        last = Message(message(0).headers, b"last")
        await broker.publish(last)
        assert b"last" in await asyncio.wait_for(taking, PATIENCE)
        await subscription.close()


async def publish_many(broker: RabbitBroker) -> None:
    for number in range(300):
        await broker.publish(message(number))


async def test_a_frozen_server_is_outlasted(rabbitmq_server: RabbitMQ, rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url, broker_timeout=1, connect_timeout=1) as broker:
        await broker.declare(["postgres"])
        node = process(rabbitmq_server)
        node.suspend()
        try:
            publishing = asyncio.create_task(broker.publish(message(1)))
            await asyncio.wait([publishing], timeout=2)
            assert not publishing.done()
        finally:
            node.resume()
        await asyncio.wait_for(publishing, PATIENCE)
        assert await broker.depth("postgres", ARTIST) >= 1


async def test_a_server_that_stays_away_is_a_transient_error(server: RabbitMQ) -> None:
    async with connected(str(server.url()), retry_seconds=2) as broker:
        await broker.declare(["postgres"])
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        await asyncio.to_thread(crash, server)
        with pytest.raises(TransientError, match="waxline:\\*\\*\\*@"):
            await broker.publish(message(1))
        with pytest.raises(TransientError):
            await subscription.receive(PATIENCE)
        await subscription.close()


async def test_queues_with_other_arguments_are_fatal(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        await broker.declare(["postgres"])
    async with connected(rabbitmq_url, queue_bytes=20_000_000) as broker:
        with pytest.raises(ServerError, match=r"postgres.*other arguments") as caught:
            await broker.declare(["postgres"])
        assert not isinstance(caught.value, TransientError)
        with pytest.raises(ServerError, match="other arguments"):
            await broker.subscribe("postgres", ARTIST, 4)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda url: with_password(url, "canary-password"), "refuses us"),
        (lambda url: f"{url}-not-there", "refuses us: no such virtual host"),
    ],
    ids=["password", "virtual host"],
)
async def test_a_refusal_is_fatal_and_shows_no_password(
    rabbitmq_url: str, spoil: Any, sentence: str
) -> None:
    async with connected(spoil(rabbitmq_url)) as broker:
        with pytest.raises(ServerError, match=sentence) as caught:
            await broker.declare(["postgres"])
    assert not isinstance(caught.value, TransientError)
    password = spoil(rabbitmq_url).rpartition("@")[0].rpartition(":")[2]
    assert password not in str(caught.value)


async def test_no_server_is_a_transient_error() -> None:
    async with connected("amqp://user:canary-password@127.0.0.1:1", connect_timeout=0.2) as broker:
        with pytest.raises(TransientError, match=r"user:\*\*\*@127.0.0.1:1") as caught:
            await broker.depth("postgres", ARTIST)
    assert "canary" not in str(caught.value)


async def test_a_deleted_queue_is_made_again(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        connection = await aio_pika.connect(rabbitmq_url, timeout=10)
        async with connection, connection.channel() as channel:
            await channel.queue_delete("waxline.postgres.artist")
        assert await subscription.receive(1) is None
        await broker.declare(["postgres"])
        await broker.publish(message(1))
        assert await take_until(subscription, b"1") == {b"1"}
        await subscription.close()


async def test_a_consumer_that_the_server_has_forgotten_begins_anew(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        await broker.declare(["postgres"])
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        assert isinstance(subscription, RabbitSubscription)
        subscription._silence = 0.5
        assert subscription._channel is not None
        channel = await subscription._channel.get_underlay_channel()
        (tag,) = channel.consumers  # type: ignore[attr-defined]  # aiormq has them, its interface not
        await channel.basic_cancel(tag)
        await broker.publish(message(1))
        assert await take_until(subscription, b"1") == {b"1"}
        await subscription.close()


async def test_a_dead_letter_keeps_its_headers_and_the_reason(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        await broker.declare(["postgres"])
        await broker.publish(message(1))
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        delivery = await subscription.receive(PATIENCE)
        assert delivery is not None
        await subscription.reject(delivery, "x" * 100_000)
        await subscription.close()
    connection = await aio_pika.connect(rabbitmq_url, timeout=10)
    async with connection, connection.channel() as channel:
        queue = await channel.get_queue(Names("waxline").dead_queue("postgres"))
        found = await queue.get()
        assert found is not None
        assert found.body == b"1"
        assert found.headers["waxline-reason"] == "x" * 1_000
        assert found.headers["entity"] == "artist"
        await found.ack()


async def former_queue(url: str, *bodies: bytes) -> None:
    """Make a queue as a waxline made it that left poison to RabbitMQ."""
    arguments = {**Topology("waxline", QUEUE_BYTES).arguments("postgres"), "x-delivery-limit": 19}
    connection = await aio_pika.connect(url, timeout=10)
    async with connection, connection.channel() as channel:
        await channel.declare_exchange("waxline.dead", "direct", durable=True)
        await channel.declare_queue("waxline.postgres.artist", durable=True, arguments=arguments)
        for body in bodies:
            key = "waxline.postgres.artist"
            await channel.default_exchange.publish(aio_pika.Message(body), routing_key=key)


async def test_an_empty_queue_with_the_former_limit_is_made_anew(rabbitmq_url: str) -> None:
    await former_queue(rabbitmq_url)
    async with connected(rabbitmq_url, queue_bytes=QUEUE_BYTES) as broker:
        await broker.declare(["postgres"])
        await broker.publish(message(1))
        subscription = await broker.subscribe("postgres", ARTIST, 4)
        assert await take_until(subscription, b"1") == {b"1"}


async def test_a_queue_with_the_former_limit_that_is_not_empty_is_told(rabbitmq_url: str) -> None:
    await former_queue(rabbitmq_url, b"1")
    async with connected(rabbitmq_url, queue_bytes=QUEUE_BYTES) as broker:
        with pytest.raises(ServerError, match=r"older waxline.*holds 1 messages"):
            await broker.subscribe("postgres", ARTIST, 4)
        assert await broker.depth("postgres", ARTIST) == 1
