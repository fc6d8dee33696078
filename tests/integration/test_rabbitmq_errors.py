"""What each error of RabbitMQ is taken for: passing, of one message, or of the set-up.

Every row is provoked on the real server, and decided where the broker has it decided.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from common.broker.rabbitmq import RabbitBroker
from common.broker.rabbitmq_errors import MissingError
from common.broker.rabbitmq_link import Link
from common.broker.waiting import LostError, TooLargeError
from common.errors import ServerError, WaxlineError
from tests.certificates import SecureRabbitMQ
from tests.contract.broker_rigs import contract_settings, message

PATIENCE = 60.0
QUEUE = "waxline.postgres.artist"
SMALL = 1_000
"""Bytes that a message may have."""

Provoke = Callable[[AbstractChannel], Awaitable[object]]


@asynccontextmanager
async def beside(url: str) -> AsyncIterator[AbstractChannel]:
    """Have a channel beside the broker's."""
    connection = await aio_pika.connect(url, timeout=10)
    async with connection, connection.channel() as channel:
        yield channel


@asynccontextmanager
async def connected(url: str, **changes: object) -> AsyncIterator[RabbitBroker]:
    """Have a broker with its queues declared."""
    settings = contract_settings(url, **changes)
    broker = RabbitBroker(settings.server("broker"), settings.queue_bytes)
    try:
        await broker.declare(["postgres"])
        yield broker
    finally:
        await broker.close()


async def _publish(channel: AbstractChannel, exchange: str, body: bytes = b"1") -> None:
    target = await channel.get_exchange(exchange, ensure=False)
    await target.publish(aio_pika.Message(body), routing_key="nowhere", mandatory=True)


CALLS: dict[str, tuple[Provoke, type[WaxlineError]]] = {
    "a queue that is not there": (
        lambda channel: channel.declare_queue("not there", passive=True),
        MissingError,
    ),
    "an exchange that is not there": (lambda channel: _publish(channel, "not there"), MissingError),
    "a queue of other arguments": (
        lambda channel: channel.declare_queue(QUEUE, durable=False),
        LostError,
    ),
    "a queue that somebody has alone": (
        lambda channel: channel.declare_queue("alone", passive=True),
        ServerError,
    ),
    "a name that is the server's": (
        lambda channel: channel.declare_queue("amq.not.ours"),
        ServerError,
    ),
    "no queue for a message": (lambda channel: _publish(channel, "waxline.records"), ServerError),
    "a message that is too large": (
        lambda channel: _publish(channel, "waxline.records", bytes(SMALL + 1)),
        TooLargeError,
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_what_closes_a_channel_is_taken_for_what_it_is(
    rabbitmq_server: SecureRabbitMQ, rabbitmq_url: str, name: str
) -> None:
    provoke, taken_for = CALLS[name]
    async with AsyncExitStack() as stack:
        stack.enter_context(rabbitmq_server.taking(SMALL))
        await stack.enter_async_context(connected(rabbitmq_url))
        other = await stack.enter_async_context(beside(rabbitmq_url))
        await other.declare_queue("alone", exclusive=True)
        link = Link(contract_settings(rabbitmq_url).server("broker"), "test")
        stack.push_async_callback(link.close)
        channel = await link.channel()
        with pytest.raises(WaxlineError) as caught:
            async with link.guard():
                await provoke(channel)
    assert type(caught.value) is taken_for, caught.value


async def test_a_connection_that_somebody_ends_passes(
    rabbitmq_server: SecureRabbitMQ, rabbitmq_url: str
) -> None:
    async with connected(rabbitmq_url) as broker:
        close = 'rabbit_networking:close_all_connections("because").'
        await asyncio.to_thread(rabbitmq_server.evaluate, close)
        await broker.publish(message())
        assert await broker.depth("postgres", message().headers.entity) >= 1


async def test_an_exchange_that_somebody_deletes_is_made_again(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        await broker.publish(message())
        async with beside(rabbitmq_url) as channel:
            await channel.exchange_delete("waxline.records")
        await broker.publish(message())
        assert await broker.depth("postgres", message().headers.entity) == 2


async def test_queues_that_somebody_deletes_are_told(rabbitmq_url: str) -> None:
    async with connected(rabbitmq_url) as broker:
        async with beside(rabbitmq_url) as channel:
            await channel.queue_delete(QUEUE)
        with pytest.raises(ServerError, match="no queue on RabbitMQ") as caught:
            await broker.publish(message())
    assert type(caught.value) is ServerError


async def test_a_virtual_host_that_somebody_deletes_is_told(
    rabbitmq_server: SecureRabbitMQ, rabbitmq_url: str
) -> None:
    name = urlsplit(rabbitmq_url).path.strip("/")
    async with connected(rabbitmq_url) as broker:
        delete = f'rabbit_vhost:delete(<<"{name}">>, <<"test">>).'
        await asyncio.to_thread(rabbitmq_server.evaluate, delete)
        with pytest.raises(ServerError, match="no such virtual host") as caught:
            await broker.publish(message())
        add = f'rabbit_vhost:add(<<"{name}">>, <<"test">>).'  # which the fixture deletes
        await asyncio.to_thread(rabbitmq_server.evaluate, add)
    assert type(caught.value) is ServerError


async def test_a_user_without_rights_is_told(
    rabbitmq_server: SecureRabbitMQ, rabbitmq_url: str
) -> None:
    place = urlsplit(rabbitmq_url)
    name, user = place.path.strip("/"), '<<"reader">>'
    steps = (
        f'rabbit_auth_backend_internal:add_user({user}, <<"canary">>, <<"test">>)',
        f'rabbit_auth_backend_internal:set_permissions({user}, <<"{name}">>, <<"">>, <<"">>, '
        '<<".*">>, <<"test">>)',
    )
    await asyncio.to_thread(rabbitmq_server.evaluate, f"{', '.join(steps)}.")
    url = place._replace(netloc=f"reader:canary@{place.hostname}:{place.port}").geturl()
    try:
        with pytest.raises(ServerError, match=r"refuses us.*ACCESS_REFUSED") as caught:
            async with connected(url):
                pytest.fail("it may")
    finally:
        remove = f'rabbit_auth_backend_internal:delete_user({user}, <<"test">>).'
        await asyncio.to_thread(rabbitmq_server.evaluate, remove)
    assert type(caught.value) is ServerError
    assert "canary" not in str(caught.value)


async def test_an_alarm_is_waited_for_however_long(
    rabbitmq_server: SecureRabbitMQ, rabbitmq_url: str
) -> None:
    alarm = "{{resource_limit, memory, node()}, []}"
    async with connected(rabbitmq_url, broker_timeout=0.5, retry_seconds=1) as broker:
        await asyncio.to_thread(rabbitmq_server.evaluate, f"rabbit_alarm:set_alarm({alarm}).")
        try:
            publishing = asyncio.create_task(broker.publish(message()))
            await asyncio.wait([publishing], timeout=4)
            assert not publishing.done()
        finally:
            clear = "rabbit_alarm:clear_alarm({resource_limit, memory, node()})."
            await asyncio.to_thread(rabbitmq_server.evaluate, clear)
        await asyncio.wait_for(publishing, PATIENCE)
        assert await broker.depth("postgres", message().headers.entity) >= 1
