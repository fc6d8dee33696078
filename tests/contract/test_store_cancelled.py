"""A program that is told to stop while it talks to the store stops: no cancellation is lost."""

import asyncio

from common.entities import Entity
from common.store import Store, open_store
from config.settings import load_settings

STEPS = 100
"""Turns of the event loop before the cancellation: a call takes some ten."""
PATIENCE = 5.0


async def call_for_ever(store: Store) -> None:
    while True:
        await store.acquire_lease(Entity.ARTIST, "me", 30)


async def is_deaf(store: Store, steps: int) -> bool:
    """Cancel calls after some turns of the event loop; tell whether they go on."""
    calling = asyncio.create_task(call_for_ever(store))
    for _ in range(steps):
        await asyncio.sleep(0)
    calling.cancel()
    _, deaf = await asyncio.wait([calling], timeout=PATIENCE)
    return bool(deaf)


async def test_the_first_cancellation_ends_the_calls(valkey_url: str) -> None:
    store = open_store(load_settings(store_url=valkey_url).server("store"))
    try:
        for steps in range(STEPS):
            assert not await is_deaf(store, steps), f"deaf after {steps} turns"
    finally:
        await store.close()
