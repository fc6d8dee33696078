"""What every broker promises, on the fake and on the real servers."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from common.broker import Broker
from common.entities import Entity
from common.errors import ServerError
from tests.contract.broker_rigs import (
    PATIENCE,
    QUEUE_BYTES,
    SINKS,
    RabbitRig,
    Rig,
    StreamsRig,
    connected,
    consuming,
    message,
    next_of,
    until_dead,
)
from tests.foreign import BROKERS, foreign

ARTIST = Entity.ARTIST
DELIVERIES = 22
"""More than RabbitMQ 4 allows where nothing is asked for."""


async def test_every_sink_gets_a_copy(rig: Rig, broker: Broker) -> None:
    sent = message(b'[{"id": 1}]')
    await broker.publish(sent)
    for sink in SINKS:
        assert await broker.depth(sink, ARTIST) == 1
        async with consuming(rig, sink) as subscription:
            delivery = await next_of(subscription)
            assert delivery.message == sent
            assert delivery.attempt == 1
            await subscription.ack([delivery])
        assert await broker.depth(sink, ARTIST) == 0


async def test_queues_of_entities_are_apart(rig: Rig, broker: Broker) -> None:
    for entity in Entity:
        await broker.publish(message(entity.value.encode(), entity))
    for entity in Entity:
        async with consuming(rig, "neo4j", entity) as subscription:
            delivery = await next_of(subscription)
            assert delivery.message.headers.entity is entity
            assert delivery.message.body == entity.value.encode()
            assert await subscription.receive(0.05) is None


@pytest.mark.parametrize("body", [b"", bytes(range(256)) * 4, os.urandom(1_000_000)])
async def test_bodies_come_intact(rig: Rig, broker: Broker, body: bytes) -> None:
    await broker.publish(message(body))
    async with consuming(rig) as subscription:
        assert (await next_of(subscription)).message.body == body


async def test_an_empty_queue_gives_nothing(rig: Rig, broker: Broker) -> None:
    assert await broker.depth("postgres", ARTIST) == 0
    async with consuming(rig) as subscription:
        assert await subscription.receive(0.05) is None
        assert await subscription.receive(0) is None


async def test_a_loader_may_start_before_the_extractor(rig: Rig) -> None:
    async with consuming(rig) as subscription, connected(rig) as broker:
        assert await subscription.receive(0.05) is None
        await broker.declare(SINKS)
        await broker.publish(message(b"[1]"))
        assert (await next_of(subscription)).message.body == b"[1]"


async def test_a_receive_that_waits_gets_what_comes(rig: Rig, broker: Broker) -> None:
    async with consuming(rig) as subscription:
        waiting = asyncio.create_task(next_of(subscription))
        await broker.publish(message(b"[2]"))
        assert (await waiting).message.body == b"[2]"


async def test_declaring_again_keeps_the_messages(rig: Rig, broker: Broker) -> None:
    await broker.publish(message())
    await broker.declare(SINKS)
    async with connected(rig) as another:
        await another.declare(SINKS)
        assert await another.depth("postgres", ARTIST) == 1


async def test_unacknowledged_messages_come_again(rig: Rig, broker: Broker) -> None:
    for number in range(4):
        await broker.publish(message(b"%d" % number))
    async with consuming(rig) as subscription:
        first = [await next_of(subscription) for _ in range(4)]
        await subscription.ack(first[:2])
    async with consuming(rig) as subscription:
        again = [await next_of(subscription) for _ in range(2)]
        assert {found.message.body for found in again} == {kept.message.body for kept in first[2:]}
        assert [found.attempt for found in again] == [2, 2]
        assert await subscription.receive(0.05) is None


async def test_two_consumers_share_a_queue(rig: Rig, broker: Broker) -> None:
    for number in range(6):
        await broker.publish(message(b"%d" % number))
    async with consuming(rig, prefetch=3) as one, consuming(rig, prefetch=3) as other:
        of_one = [await next_of(one) for _ in range(3)]
        of_other = [await next_of(other) for _ in range(3)]
    bodies = {delivery.message.body for delivery in (*of_one, *of_other)}
    assert bodies == {b"%d" % number for number in range(6)}


async def test_prefetch_bounds_what_is_unsettled(rig: Rig, broker: Broker) -> None:
    for number in range(3):
        await broker.publish(message(b"%d" % number))
    async with consuming(rig, prefetch=2) as subscription:
        held = [await next_of(subscription) for _ in range(2)]
        assert await subscription.receive(0.2) is None
        await subscription.ack(held[:1])
        assert (await next_of(subscription)).message.body not in {
            delivery.message.body for delivery in held
        }


async def test_acknowledging_late_is_no_error(rig: Rig, broker: Broker) -> None:
    await broker.publish(message())
    async with consuming(rig) as subscription:
        delivery = await next_of(subscription)
        await subscription.close()
        await subscription.ack([delivery])
        await subscription.ack([])


async def test_a_message_never_settled_comes_however_often(rig: Rig, broker: Broker) -> None:
    await broker.publish(message())
    for _ in range(DELIVERIES):
        async with consuming(rig) as subscription:
            assert (await next_of(subscription)).message == message()
    async with consuming(rig) as subscription:
        assert (await next_of(subscription)).attempt > 1
    assert await broker.dead_letters("postgres") == 0


async def test_rejected_messages_go_to_the_dead_letters(rig: Rig, broker: Broker) -> None:
    await broker.publish(message())
    assert await broker.dead_letters("postgres") == 0
    async with consuming(rig) as subscription:
        await subscription.reject(await next_of(subscription), "not a batch")
        assert await subscription.receive(0.05) is None
    await until_dead(broker, "postgres", 1)
    assert await broker.depth("postgres", ARTIST) == 0
    assert await broker.depth("neo4j", ARTIST) == 1


async def test_unreadable_headers_go_to_the_dead_letters(rig: Rig, broker: Broker) -> None:
    await rig.spoil("postgres", ARTIST)
    await broker.publish(message(b"[3]"))
    async with consuming(rig) as subscription:
        assert (await next_of(subscription)).message.body == b"[3]"
    await until_dead(broker, "postgres", 1)


async def test_a_publisher_waits_while_a_queue_is_full(rig: Rig, broker: Broker) -> None:
    bodies = {bytes([number]) * (QUEUE_BYTES // 5) for number in range(30)}
    publishing = asyncio.create_task(publish_all(broker, bodies))
    await asyncio.wait([publishing], timeout=1)
    assert not publishing.done()
    assert await broker.depth("postgres", ARTIST) < len(bodies)
    # Both queues have to be drained: the publisher waits for the slower one.
    drained = await asyncio.gather(*(drain(rig, sink, len(bodies)) for sink in SINKS))
    await asyncio.wait_for(publishing, PATIENCE)
    assert drained == [bodies, bodies]


async def test_a_publisher_that_waits_can_be_cancelled(broker: Broker) -> None:
    bodies = {bytes([number]) * (QUEUE_BYTES // 5) for number in range(30)}
    publishing = asyncio.create_task(publish_all(broker, bodies))
    await asyncio.wait([publishing], timeout=0.5)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(publishing, PATIENCE)


async def publish_all(broker: Broker, bodies: set[bytes]) -> None:
    for body in bodies:
        await broker.publish(message(body))


async def drain(rig: Rig, sink: str, count: int) -> set[bytes]:
    """Acknowledge until ``count`` different bodies came: a refused publish may leave copies."""
    found: set[bytes] = set()
    async with consuming(rig, sink) as subscription:
        while len(found) < count:
            delivery = await next_of(subscription)
            found.add(delivery.message.body)
            await subscription.ack([delivery])
    return found


async def test_publishing_for_nobody_is_an_error(rig: Rig) -> None:
    async with connected(rig) as broker:
        with pytest.raises(ServerError):
            await broker.publish(message())
        await broker.declare(())
        with pytest.raises(ServerError):
            await broker.publish(message())


@pytest.mark.usefixtures("broker")
async def test_a_retired_sink_gets_nothing(rig: Rig) -> None:
    async with connected(rig) as another:
        await another.declare(["postgres"])
        await another.publish(message())
        assert await another.depth("postgres", ARTIST) == 1
        assert await another.depth("neo4j", ARTIST) == 0
        await another.declare(SINKS)
        await another.publish(message())
        assert await another.depth("neo4j", ARTIST) == 1


@pytest.mark.parametrize("rig", ["streams", "rabbitmq", *foreign(BROKERS)], indirect=True)
async def test_what_a_killed_consumer_held_comes_again(rig: Rig, broker: Broker) -> None:
    assert isinstance(rig, StreamsRig | RabbitRig)
    await broker.publish(message(b"[4]"))
    arguments = ["postgres", ARTIST.value, str(QUEUE_BYTES)]
    async with AsyncExitStack() as stack:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("consumer_that_dies.py")),
            *arguments,
            env={
                **os.environ,
                "WAXLINE_BROKER_URL": rig.url,
                "WAXLINE_NAMESPACE": rig.namespace,
            },
            stdout=asyncio.subprocess.PIPE,
        )
        stack.push_async_callback(child.wait)
        stack.callback(child.kill)
        assert child.stdout is not None
        assert await asyncio.wait_for(child.stdout.readline(), PATIENCE) == b"held\n"
    async with consuming(rig) as subscription:
        delivery = await next_of(subscription)
        assert (delivery.message.body, delivery.attempt) == (b"[4]", 2)
