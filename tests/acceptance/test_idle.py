"""Loaders that have nothing to do need no more memory after ten minutes than after one."""

import asyncio
from pathlib import Path

import psutil
import pytest

from tests.acceptance.rig import SINKS, Rig, Urls, rigged

WARM_UP_SECONDS = 60
MINUTES = 10
GROWTH = 2_000_000  # bytes


async def idle(rig: Rig, seconds: int) -> None:
    """Wait until both loaders' heartbeats are so many seconds on."""
    before = await rig.reports()
    await rig.until_beaten({sink: before[sink]["heartbeat"] + seconds for sink in SINKS})


def resident(rig: Rig) -> dict[str, int]:
    """Return the bytes that each loader has in memory."""
    return {
        sink: psutil.Process(loader.pid).memory_info().rss for sink, loader in rig.loaders.items()
    }


async def grown(rig: Rig) -> dict[str, int]:
    """Return by how many bytes each loader has grown in the minutes after it is warm."""
    await idle(rig, WARM_UP_SECONDS)
    warm = resident(rig)
    for _ in range(MINUTES):
        await idle(rig, 60)
    return {sink: now - warm[sink] for sink, now in resident(rig).items()}


@pytest.mark.long
async def test_idle_loaders_do_not_grow(
    embedded_urls: Urls, installed_urls: Urls, tmp_path: Path
) -> None:
    """Both brokers side by side; the loaders of PostgreSQL share a database."""
    store = f"{installed_urls.store.rpartition('/')[0]}/2"
    installed = Urls(installed_urls.postgres, installed_urls.graph, store, installed_urls.broker)
    folders = [tmp_path / name for name in ("embedded", "installed")]
    for folder in folders:
        folder.mkdir()
    async with (
        rigged(embedded_urls, folders[0]) as streams,
        rigged(installed, folders[1]) as rabbitmq,
    ):
        found = await asyncio.gather(grown(streams), grown(rabbitmq))
    print(f"grown by, in bytes: streams {found[0]}, rabbitmq {found[1]}")  # noqa: T201 - with -s
    assert all(size < GROWTH for sizes in found for size in sizes.values()), found
