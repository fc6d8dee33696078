"""How many messages wait in a queue, asked on one channel again and again."""

from aio_pika.abc import AbstractChannel

from common.broker.rabbitmq_errors import MissingError
from common.broker.rabbitmq_link import Link


class Counting:
    """Asks for the sizes of queues.

    Loaders ask four times a second: with a channel for each question they grew by 50 MB an hour,
    of what the libraries keep of channels that are closed.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel: AbstractChannel | None = None

    async def ready(self, name: str) -> int:
        """Return how many messages are ready, 0 where there is no such queue.

        Raises `LostError`.  A channel whose answer has not come is not asked again.
        """
        channel, self._channel = self._channel, None
        if channel is None or channel.is_closed:
            channel = await self._link.channel()
        try:
            async with self._link.guard():
                inner = await channel.get_underlay_channel()
                found = await inner.queue_declare(name, passive=True)
        except MissingError:
            return 0
        self._channel = channel
        return found.message_count or 0
