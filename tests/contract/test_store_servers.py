"""What a store of ours makes of its server: unreadable, refusing, full, absent."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from common.entities import Entity
from common.errors import ServerError, TransientError
from common.store import Binding, open_store
from common.store.protocol import BLOCK_SIZE
from config.servers import with_password
from tests.contract.stores import (
    LEASE_SECONDS,
    block,
    blocks_of,
    reading,
    server_at,
    sink_report,
    sparse,
)
from tests.servers import started
from waxline.servers.state import Endpoint
from waxline.servers.valkey import Valkey


async def test_what_is_not_readable_counts_as_absent(valkey_url: str) -> None:
    store = open_store(server_at(valkey_url))
    await store.put_report(sink_report("postgres"))
    async with Redis.from_url(valkey_url) as client:
        await client.set("waxline:fingerprints:artist:3", b"short")
        await client.set("waxline:fingerprints:artist:three", block(3))
        for key in ("binding:artist", "progress:artist", "report:postgres"):
            await client.set(f"waxline:{key}", b'{"sinks": 1}')
    assert await blocks_of(store, Entity.ARTIST, [3]) == [None]
    assert await store.known_blocks(Entity.ARTIST) == [3]
    assert await store.binding(Entity.ARTIST) is None
    assert await store.progress() == []
    assert await store.reports() == {}
    await store.close()


async def test_everything_has_a_time_to_live(valkey_url: str) -> None:
    store = open_store(server_at(valkey_url))
    await store.put_fingerprints(Entity.ARTIST, {1: block(1)})
    await store.bind(Entity.ARTIST, Binding(run=1, sinks={}))
    await store.put_progress(reading(Entity.ARTIST, 1))
    await store.put_report(sink_report("postgres"))
    await store.acquire_lease(Entity.ARTIST, "one", LEASE_SECONDS)
    async with Redis.from_url(valkey_url) as client:
        mortal = [key async for key in client.scan_iter() if await client.ttl(key) >= 0]
        assert len(mortal) == 5
        assert await client.dbsize() == 6  # the names of the sinks stay
    await store.close()


async def test_a_wrong_password_is_refused_and_not_shown(valkey_url: str) -> None:
    store = open_store(server_at(with_password(valkey_url, "canary-password")))
    with pytest.raises(ServerError, match="refuses us") as caught:
        await store.check()
    assert not isinstance(caught.value, TransientError)
    assert "canary" not in str(caught.value)
    await store.close()


class ValkeyOnASocket(Valkey):
    """Valkey that listens on a Unix socket too."""

    def prepare(self, endpoint: Endpoint) -> None:
        """Name the socket in the private configuration."""
        super().prepare(endpoint)
        with (self.folder / "valkey.conf").open("a", encoding="utf-8") as file:
            file.write(f'unixsocket "{self.folder / "s"}"\n')


async def test_a_unix_socket_serves_as_well(tmp_path: Path) -> None:
    with started(ValkeyOnASocket("v", tmp_path)) as server:
        url = f"unix://{server.folder / 's'}"
        store = open_store(server_at(with_password(url, password_of(server))))
        assert await store.acquire_lease(Entity.ARTIST, "one", LEASE_SECONDS)
        await store.close()
        refused = open_store(server_at(f"{url}?password=canary-password"))
        with pytest.raises(ServerError, match="refuses us") as caught:
            await refused.check()
        assert not isinstance(caught.value, TransientError)
        assert "canary" not in str(caught.value)
        await refused.close()


def password_of(server: Valkey) -> str:
    return str(urlsplit(server.url()).password)


async def test_no_server_is_a_transient_error() -> None:
    store = open_store(server_at("redis://user:canary-password@127.0.0.1:1/0"))
    with pytest.raises(TransientError, match=r"user:\*\*\*@127.0.0.1:1") as caught:
        await store.known_blocks(Entity.ARTIST)
    assert "canary" not in str(caught.value)
    await store.close()


async def test_a_full_server_is_a_transient_error(valkey_url: str) -> None:
    store = open_store(server_at(valkey_url))
    async with Redis.from_url(valkey_url) as client:
        before = (await client.config_get("maxmemory"))["maxmemory"] or "0"
        await client.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(TransientError, match="memory"):
                await store.put_fingerprints(Entity.ARTIST, {n: block(1) for n in range(64)})
        finally:
            await client.config_set("maxmemory", before)
    await store.close()


@pytest.mark.parametrize("step", [1, 3, 4, 20, 200, 600, 2_000, 200_000])
async def test_a_record_takes_at_most_40_bytes_however_far_ids_are_apart(
    valkey_url: str, step: int
) -> None:
    store = open_store(server_at(valkey_url))
    blocks: dict[int, list[int]] = {}
    count = min(20_000, max(2_500, 2_500 * BLOCK_SIZE // step))
    for record_id in range(0, count * step, step):
        blocks.setdefault(record_id // BLOCK_SIZE, []).append(record_id % BLOCK_SIZE)
    contents = [(number, sparse(*places)) for number, places in blocks.items()]
    async with Redis.from_url(valkey_url) as client:
        await store.put_fingerprints(Entity.LABEL, dict(contents))
        names = [name async for name in client.scan_iter(count=1_000)]
        used = sum([await client.memory_usage(name, samples=0) or 0 for name in names])
    assert used / count <= 40
    assert len(names) <= len(blocks)
    numbers = [number for number, _ in contents[:300]]
    assert await blocks_of(store, Entity.LABEL, numbers) == [held for _, held in contents[:300]]
    await store.close()
