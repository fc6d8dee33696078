"""A program that takes one message, says so, and waits to be killed: a child of a test."""

import asyncio
import sys

from common.broker import open_broker
from common.entities import Entity
from config.settings import load_settings


async def main() -> None:
    """Hold a message of the queue that the arguments name, for ever."""
    sink, entity, queue_bytes = sys.argv[1:]
    settings = load_settings(queue_bytes=int(queue_bytes))
    broker = open_broker(settings.server("broker"), settings.queue_bytes)
    subscription = await broker.subscribe(sink, Entity(entity), 10)
    delivery = await subscription.receive(30)
    sys.stdout.write("held\n" if delivery else "nothing\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
