"""The broker: one Protocol, chosen by the scheme of its URL."""

from urllib.parse import urlsplit

from common.broker.dead_letters import DeadLetter
from common.broker.protocol import Broker, Delivery, Subscription
from common.broker.rabbitmq import RabbitBroker
from common.broker.streams import StreamsBroker
from common.broker.waiting import TooLargeError
from common.errors import ServerError
from config.settings import Settings

__all__ = ["Broker", "DeadLetter", "Delivery", "Subscription", "TooLargeError", "open_broker"]


async def open_broker(settings: Settings) -> Broker:
    """Return the broker of ``broker_url``; it connects on first use.

    Raises `ServerError` for a scheme that no broker has.
    """
    url = settings.url("broker_url")
    match urlsplit(url).scheme:
        case "amqp" | "amqps":
            return RabbitBroker(url, settings)
        case "redis" | "rediss" | "unix":
            return StreamsBroker(url, settings)
        case scheme:
            raise ServerError(
                f"there is no broker for {scheme or 'no scheme'}://: use amqp://, amqps://, "
                "redis://, rediss:// or unix://"
            )
