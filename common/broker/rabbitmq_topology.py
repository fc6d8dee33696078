"""Exchanges and queues on RabbitMQ, and their names and arguments."""

from collections.abc import Collection

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange
from aio_pika.exceptions import ChannelPreconditionFailed
from pamqp.common import FieldTable

from common.entities import Entity
from common.errors import ServerError
from config.sinks import SINKS

STRAIGHT = ""
"""The default exchange, whose routing keys are the names of queues."""

_NO_DELIVERY_LIMIT = 2**31 - 1
"""RabbitMQ 4 drops after 20 deliveries by default, and 3 after the first where -1 is asked for."""


class OtherArgumentsError(ServerError):
    """A queue exists with other arguments than those asked for."""

    def __init__(self, name: str, arguments: FieldTable, error: Exception) -> None:
        super().__init__(
            f"queue {name} exists on RabbitMQ with other arguments than the settings ask for; "
            f"drain and delete it, or restore the setting: {error}"
        )
        self.name = name
        self.arguments = arguments


class Names:
    """What the exchanges and queues of one namespace are called."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self.records = f"{namespace}.records"
        self.dead = f"{namespace}.dead"

    def queue(self, sink: str, entity: Entity | str) -> str:
        """Return the name of a sink's queue for an entity."""
        return f"{self._namespace}.{sink}.{entity}"

    def dead_queue(self, sink: str) -> str:
        """Return the name of the queue of a sink's dead letters."""
        return f"{self._namespace}.{sink}.dead"


def key_for_all(entity: Entity) -> str:
    """Return the routing key that reaches every sink's queue."""
    return entity.value


def key_for_one(sink: str, entity: Entity) -> str:
    """Return the routing key that reaches one sink's queue only."""
    return f"{entity.value}.{sink}"


class Topology(Names):
    """The exchanges and queues of one namespace, and how they are made.

    A queue holds ``queue_bytes`` before publishers wait.
    """

    def __init__(self, namespace: str, queue_bytes: int) -> None:
        super().__init__(namespace)
        self._capped: FieldTable = {
            "x-queue-type": "quorum",
            "x-max-length-bytes": queue_bytes,
            "x-overflow": "reject-publish",
            "x-delivery-limit": _NO_DELIVERY_LIMIT,
        }

    def arguments(self, sink: str) -> FieldTable:
        """Return the arguments of the queues of a sink's records."""
        return {
            **self._capped,
            "x-dead-letter-exchange": self.dead,
            "x-dead-letter-routing-key": sink,
        }

    async def declare(self, channel: AbstractChannel, sinks: Collection[str]) -> None:
        """Make the queues of these sinks, and unbind those of the sinks not in use.

        AMQP cannot list bindings, so the sinks not in use are taken from the closed list of names.
        """
        records = await channel.declare_exchange(self.records, ExchangeType.DIRECT, durable=True)
        for sink in sinks:
            for entity in Entity:
                await self.declare_queue(channel, sink, entity)
                await _bind(channel, records, self.queue(sink, entity), sink, entity)
        for sink in set(SINKS) - set(sinks):
            for entity in Entity:
                await self._unbind(channel, sink, entity)

    async def declare_queue(self, channel: AbstractChannel, sink: str, entity: Entity) -> None:
        """Make one queue and the dead letters behind it, without binding it to the records."""
        dead = await channel.declare_exchange(self.dead, ExchangeType.DIRECT, durable=True)
        await _declare(channel, self.dead_queue(sink), self._capped)
        queue = await channel.get_queue(self.dead_queue(sink), ensure=False)
        await queue.bind(dead, sink)
        await _declare(channel, self.queue(sink, entity), self.arguments(sink))

    async def _unbind(self, channel: AbstractChannel, sink: str, entity: Entity) -> None:
        queue = await channel.get_queue(self.queue(sink, entity), ensure=False)
        await queue.unbind(self.records, key_for_all(entity))
        await queue.unbind(self.records, key_for_one(sink, entity))


async def _declare(channel: AbstractChannel, name: str, arguments: FieldTable) -> None:
    try:
        await channel.declare_queue(name, durable=True, arguments=arguments)
    except ChannelPreconditionFailed as error:
        raise OtherArgumentsError(name, arguments, error) from error


async def _bind(
    channel: AbstractChannel, records: AbstractExchange, name: str, sink: str, entity: Entity
) -> None:
    queue = await channel.get_queue(name, ensure=False)
    await queue.bind(records, key_for_all(entity))
    await queue.bind(records, key_for_one(sink, entity))
