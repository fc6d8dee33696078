"""The broker: one Protocol, chosen by the scheme of its URL; its driver is imported with it."""

from importlib import import_module
from urllib.parse import urlsplit

from common.broker.dead_letters import DeadLetter
from common.broker.protocol import Broker, Delivery, Subscription
from common.broker.waiting import TooLargeError
from common.errors import ServerError
from config.servers import ServerAccess

__all__ = ["Broker", "DeadLetter", "Delivery", "Subscription", "TooLargeError", "open_broker"]

_KINDS = {
    **dict.fromkeys(("amqp", "amqps"), ("common.broker.rabbitmq", "RabbitBroker")),
    **dict.fromkeys(("redis", "rediss", "unix"), ("common.broker.streams", "StreamsBroker")),
}


def open_broker(server: ServerAccess, queue_bytes: int) -> Broker:
    """Return the broker there; it connects on first use.

    A queue holds ``queue_bytes`` before publishers wait.  Raises `ServerError` for a scheme that
    no broker has.
    """
    scheme = urlsplit(server.url).scheme
    if scheme not in _KINDS:
        raise ServerError(
            f"there is no broker for {scheme or 'no scheme'}://: use amqp://, amqps://, "
            "redis://, rediss:// or unix://"
        )
    module, kind = _KINDS[scheme]
    broker: Broker = getattr(import_module(module), kind)(server, queue_bytes)
    return broker
