"""Queues that an older waxline made, with RabbitMQ's limit on deliveries: made anew, once empty."""

from collections.abc import Awaitable, Callable

import structlog
from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import ChannelPreconditionFailed

from common.broker.rabbitmq_link import Link
from common.broker.rabbitmq_topology import OtherArgumentsError
from common.broker.waiting import LostError
from common.errors import ServerError

log = structlog.get_logger()

_FORMER_LIMIT = 19
"""What RabbitMQ was told by default; a queue with another has to be deleted by hand."""

Declare = Callable[[AbstractChannel], Awaitable[None]]


async def declared(link: Link, declare: Declare, about: str = "") -> AbstractChannel:
    """Return a new channel on which ``declare`` has been carried out.

    Raises `ServerError` for a queue with other arguments, unless it differs in the former limit
    alone and holds nothing: then it is deleted, and declared again.
    """
    renewed: set[str] = set()
    while True:
        channel = await link.channel()
        try:
            async with link.guard(about=about):
                await declare(channel)
        except OtherArgumentsError as other:
            if other.name in renewed or not await _remove_former(link, other):
                raise
            renewed.add(other.name)
        else:
            return channel


async def _remove_former(link: Link, other: OtherArgumentsError) -> bool:
    """Remove a queue that has the former limit; return False for one that differs otherwise."""
    channel = await link.channel()
    former = {**other.arguments, "x-delivery-limit": _FORMER_LIMIT}
    try:
        async with link.guard(about=other.name):
            queue = await channel.declare_queue(other.name, durable=True, arguments=former)
            _check_unused(queue)
            await queue.delete(if_unused=False, if_empty=False)
            await channel.close()
    except LostError as error:
        if isinstance(error.__cause__, ChannelPreconditionFailed):
            return False
        raise
    log.info("queue_made_anew", queue=other.name, reason="it had a limit on deliveries")
    return True


def _check_unused(queue: AbstractQueue) -> None:
    found = queue.declaration_result
    if found.message_count or found.consumer_count:
        raise ServerError(
            f"queue {queue.name} on RabbitMQ was made by an older waxline, whose limit on "
            f"deliveries can lose messages, and is in use: it holds {found.message_count} messages "
            f"and has {found.consumer_count} consumers; let that waxline load them and stop it, "
            "or delete the queue (the next run sends again what is lost)"
        )
