"""The broker: one Protocol, chosen by the scheme of its URL."""

from common.broker.protocol import Broker, Delivery, Subscription

__all__ = ["Broker", "Delivery", "Subscription"]
