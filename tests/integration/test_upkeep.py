"""A real loader that has nothing to do: its garbage is collected all the same."""

import asyncio
import gc
from collections.abc import Iterator

import pytest

from config.settings import load_settings
from loaders.command import load
from loaders.postgres import PostgresSink

DEADLINE = 60.0
EVERYTHING = 2


@pytest.fixture
def collected() -> Iterator[asyncio.Event]:
    """Set when all of what Python's collector knows was looked through, while it is off."""
    found = asyncio.Event()

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == EVERYTHING and not gc.isenabled():
            found.set()

    gc.enable()  # as a process has it that starts
    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)
    gc.unfreeze()
    gc.enable()


async def test_an_idle_loader_collects_its_garbage(
    postgres_url: str, valkey_url: str, collected: asyncio.Event
) -> None:
    store = valkey_url.rpartition("/")[0]
    settings = load_settings(
        postgres_url=postgres_url, store_url=f"{store}/0", broker_url=f"{store}/1"
    )
    loading = asyncio.create_task(load(PostgresSink(settings.sink("postgres")), settings))
    try:
        async with asyncio.timeout(DEADLINE):
            await collected.wait()
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
