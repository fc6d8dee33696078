"""What the driver raises under the guard of a link to RabbitMQ, as errors of ours."""

import asyncio

import pytest
from aio_pika.exceptions import AMQPConnectionError

from common.broker.rabbitmq_link import Link
from common.broker.waiting import LostError
from config.settings import load_settings

URL = "amqp://user@127.0.0.1:1"


async def raise_under_guard(error: BaseException, about: str = "") -> None:
    link = Link(load_settings(broker_url=URL).server("broker"), "publisher")
    async with link.guard(about=about):
        raise error


@pytest.mark.parametrize(
    "error",
    [AMQPConnectionError(), ConnectionResetError(), TimeoutError(), asyncio.CancelledError()],
    ids=repr,
)
async def test_what_ends_a_connection_is_a_loss(error: BaseException) -> None:
    with pytest.raises(LostError):
        await raise_under_guard(error)


async def test_a_queue_that_does_not_answer_is_named() -> None:
    with pytest.raises(LostError, match=r"does not answer about waxline\.postgres\.artist$"):
        await raise_under_guard(TimeoutError(), "waxline.postgres.artist")


async def test_so_is_what_the_driver_raises_for_want_of_a_reason() -> None:
    with pytest.raises(LostError):
        await raise_under_guard(Exception())


async def test_a_bug_is_not() -> None:
    with pytest.raises(ValueError, match="a bug"):
        await raise_under_guard(ValueError("a bug"))
