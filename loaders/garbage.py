"""The loader's own garbage collections: left to itself, the collector walks every batch's rows."""

import asyncio
import gc

COLLECT_SECONDS = 5.0
"""Beats leave cycles too, of tenacity's and the drivers': some 150 kB a second on RabbitMQ."""


def take_over() -> None:
    """Leave what was made at start to itself, and the rest to collections of ours.

    Not collected first: what is garbage by then is little, and looking for it takes longer than
    to connect.
    """
    gc.freeze()
    gc.disable()


async def keep_collecting(seconds: float = COLLECT_SECONDS) -> None:
    """Collect by time until cancelled: a loader without work leaves garbage as well."""
    while True:
        await asyncio.sleep(seconds)
        gc.collect()
