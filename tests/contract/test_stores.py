"""What every store promises, on the fake and on a real Valkey."""

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from operator import not_
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from common.entities import Entity
from common.errors import ServerError, TransientError
from common.reports import EntityReport, Progress, SinkReport, State
from common.store import Binding, Store, open_store
from common.store.packing import count_of, marks_of, pack, whole
from common.store.protocol import BLOCK_SIZE
from config.settings import Settings, load_settings, with_password
from tests.fakes.store import MemoryStore
from tests.foreign import STORES, clear_keys, foreign, fresh_namespace
from tests.servers import started
from waxline.servers.state import Endpoint
from waxline.servers.valkey import Valkey

LEASE_SECONDS = 1.0
BLOCK_BYTES = 8 * BLOCK_SIZE

Connect = Callable[[], Store]


def store_settings(url: str, namespace: str = "waxline") -> Settings:
    deadlines = {"lease_seconds": LEASE_SECONDS, "store_timeout": 5}
    return load_settings(store_url=url, namespace=namespace, **deadlines)


@pytest.fixture(params=["memory", "valkey", *foreign(STORES)])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Gives the stores of as many programs as a test wants, on one server.

    On a server of the environment's they have a namespace of their own.
    """
    if request.param == "memory":
        shared = MemoryStore(LEASE_SECONDS)
        return lambda: shared
    if request.param == "valkey":
        return partial(open_store, store_settings(request.getfixturevalue("valkey_url")))
    return partial(open_store, store_settings(request.param, fresh_namespace()))


@pytest.fixture
async def store(connect: Connect) -> AsyncIterator[Store]:
    """One program's store."""
    store = connect()
    yield store
    await store.close()
    if isinstance(connect, partial):
        settings: Settings = connect.args[0]
        await clear_keys(settings.url("store_url"), settings.namespace)


def block(fill: int) -> bytes:
    return bytes([fill]) * BLOCK_BYTES


def entity_report(run: int) -> EntityReport:
    return EntityReport(
        run=run,
        dump=20260101,
        state=State.COMPLETE,
        detail="all ranges equal",
        loaded=10,
        unchanged=5,
        rejected=0,
        deleted=1,
        rows=15,
        exceptions=0,
        missing=0,
        quiet=True,
    )


def sink_report(sink: str, run: int = 7) -> SinkReport:
    return SinkReport(
        sink=sink,
        identity=f"{sink}-1",
        heartbeat=1.5,
        entities={Entity.MASTER: entity_report(run)},
        refused={"6": "an older dump"},
    )


def reading(entity: Entity, position: int) -> Progress:
    return Progress(
        entity=entity,
        run=2**62,
        dump=20260101,
        file="discogs_20260101_artists.xml.gz",
        started=1.0,
        heartbeat=2.5,
        position=position,
        size=1000,
        read=9,
        unchanged=5,
        sent=3,
        quarantined=1,
        done=False,
    )


async def blocks_of(store: Store, entity: Entity, numbers: Sequence[int]) -> list[bytes | None]:
    """Return blocks as whole ones, as which they were written."""
    found = await store.fingerprints(entity, numbers)
    return [None if held is None else whole(held) for held in found]


async def test_fingerprints_come_back_in_the_order_asked(store: Store) -> None:
    await store.put_fingerprints(Entity.ARTIST, {5: block(5), 9: block(9)})
    found = await blocks_of(store, Entity.ARTIST, [9, 7, 5])
    assert found == [block(9), None, block(5)]
    assert await blocks_of(store, Entity.LABEL, [5, 9]) == [None, None]
    assert await blocks_of(store, Entity.ARTIST, []) == []


async def test_a_block_is_replaced_whole(store: Store) -> None:
    await store.put_fingerprints(Entity.ARTIST, {5: block(5), 6: block(6)})
    await store.put_fingerprints(Entity.ARTIST, {5: block(1)})
    await store.put_fingerprints(Entity.ARTIST, {})
    assert await blocks_of(store, Entity.ARTIST, [5, 6]) == [block(1), block(6)]


async def test_forgotten_blocks_are_absent(store: Store) -> None:
    await store.put_fingerprints(Entity.ARTIST, {number: block(1) for number in (1, 2, 3)})
    await store.forget_fingerprints(Entity.ARTIST, {1, 3, 4})
    await store.forget_fingerprints(Entity.ARTIST, [])
    assert await store.known_blocks(Entity.ARTIST) == [2]


async def test_known_blocks_are_ascending_and_of_one_entity(store: Store) -> None:
    numbers = range(3_000, 0, -10)
    await store.put_fingerprints(Entity.RELEASE, {number: block(1) for number in numbers})
    await store.put_fingerprints(Entity.MASTER, {4: block(1)})
    await store.bind(Entity.RELEASE, Binding(run=1, sinks={}))
    assert await store.known_blocks(Entity.RELEASE) == sorted(numbers)
    assert await store.known_blocks(Entity.ARTIST) == []


async def test_a_binding_is_replaced(store: Store) -> None:
    assert await store.binding(Entity.LABEL) is None
    await store.bind(Entity.LABEL, Binding(run=1, sinks={"postgres": "a"}))
    latest = Binding(run=2, sinks={"postgres": "a", "neo4j": None})
    await store.bind(Entity.LABEL, latest)
    assert await store.binding(Entity.LABEL) == latest
    assert await store.binding(Entity.ARTIST) is None


async def test_a_lease_has_one_owner(connect: Connect, store: Store) -> None:
    other = connect()
    assert await store.acquire_lease(Entity.ARTIST, "one")
    assert await store.acquire_lease(Entity.ARTIST, "one")
    assert not await other.acquire_lease(Entity.ARTIST, "other")
    assert await other.acquire_lease(Entity.LABEL, "other")
    await other.release_lease(Entity.ARTIST, "other")
    assert not await other.acquire_lease(Entity.ARTIST, "other")
    await store.release_lease(Entity.ARTIST, "one")
    assert await other.acquire_lease(Entity.ARTIST, "other")
    await other.close()


async def test_a_lease_expires(store: Store) -> None:
    assert await store.acquire_lease(Entity.ARTIST, "one")
    polled = AsyncRetrying(
        retry=retry_if_result(not_),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(20 * LEASE_SECONDS),
    )
    taken: bool = await polled(store.acquire_lease, Entity.ARTIST, "other")
    assert taken
    assert not await store.acquire_lease(Entity.ARTIST, "one")


async def test_reports_are_replaced_whole(store: Store) -> None:
    assert await store.reports() == {}
    await store.put_report(sink_report("postgres", run=6))
    await store.put_report(sink_report("neo4j"))
    await store.put_report(sink_report("postgres", run=8))
    reports = await store.reports()
    assert reports == {"postgres": sink_report("postgres", run=8), "neo4j": sink_report("neo4j")}
    entity, report = next(iter(reports["neo4j"]["entities"].items()))
    assert isinstance(entity, Entity)
    assert isinstance(report["state"], State)


async def test_progress_is_replaced_per_entity(store: Store) -> None:
    assert await store.progress() == []
    await store.put_progress(reading(Entity.RELEASE, 10))
    await store.put_progress(reading(Entity.ARTIST, 30))
    await store.put_progress(reading(Entity.RELEASE, 20))
    found = await store.progress()
    assert found == [reading(Entity.ARTIST, 30), reading(Entity.RELEASE, 20)]
    assert all(isinstance(progress["entity"], Entity) for progress in found)


async def test_what_is_not_readable_counts_as_absent(valkey_url: str) -> None:
    store = open_store(store_settings(valkey_url))
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
    store = open_store(store_settings(valkey_url))
    await store.put_fingerprints(Entity.ARTIST, {1: block(1)})
    await store.bind(Entity.ARTIST, Binding(run=1, sinks={}))
    await store.put_progress(reading(Entity.ARTIST, 1))
    await store.put_report(sink_report("postgres"))
    await store.acquire_lease(Entity.ARTIST, "one")
    async with Redis.from_url(valkey_url) as client:
        mortal = [key async for key in client.scan_iter() if await client.ttl(key) >= 0]
        assert len(mortal) == 5
        assert await client.dbsize() == 6  # the names of the sinks stay
    await store.close()


async def test_a_wrong_password_is_refused_and_not_shown(valkey_url: str) -> None:
    store = open_store(store_settings(with_password(valkey_url, "canary-password")))
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
        store = open_store(store_settings(with_password(url, password_of(server))))
        assert await store.acquire_lease(Entity.ARTIST, "one")
        await store.close()
        refused = open_store(store_settings(f"{url}?password=canary-password"))
        with pytest.raises(ServerError, match="refuses us") as caught:
            await refused.check()
        assert not isinstance(caught.value, TransientError)
        assert "canary" not in str(caught.value)
        await refused.close()


def password_of(server: Valkey) -> str:
    return str(urlsplit(server.url()).password)


async def test_no_server_is_a_transient_error() -> None:
    store = open_store(store_settings("redis://user:canary-password@127.0.0.1:1/0"))
    with pytest.raises(TransientError, match=r"user:\*\*\*@127.0.0.1:1") as caught:
        await store.known_blocks(Entity.ARTIST)
    assert "canary" not in str(caught.value)
    await store.close()


async def test_a_full_server_is_a_transient_error(valkey_url: str) -> None:
    store = open_store(store_settings(valkey_url))
    async with Redis.from_url(valkey_url) as client:
        before = (await client.config_get("maxmemory"))["maxmemory"] or "0"
        await client.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(TransientError, match="memory"):
                await store.put_fingerprints(Entity.ARTIST, {n: block(1) for n in range(64)})
        finally:
            await client.config_set("maxmemory", before)
    await store.close()


def sparse(*places: int, fill: int = 7) -> bytes:
    content = array("Q", bytes(BLOCK_BYTES))
    for place in places:
        content[place] = 2**63 + fill
    return content.tobytes()


async def test_blocks_with_few_fingerprints_come_back_whatever_they_held_before(
    store: Store,
) -> None:
    """Alone in a key, together in one, and from each of the two into the other."""
    few, some, many = sparse(0, 4_095), sparse(*range(0, 4_000, 100)), block(3)
    for one, other in ((few, some), (some, few), (few, many), (many, few), (some, many)):
        await store.put_fingerprints(Entity.LABEL, {5: one, 6: few, 300: few, 524_287: one})
        assert await blocks_of(store, Entity.LABEL, [5, 6, 7]) == [one, few, None]
        await store.put_fingerprints(Entity.LABEL, {5: other, 524_287: other})
        found = await blocks_of(store, Entity.LABEL, [524_287, 300, 6, 5])
        assert found == [other, few, few, other]
        assert await store.known_blocks(Entity.LABEL) == [5, 6, 300, 524_287]
        await store.forget_fingerprints(Entity.LABEL, [5, 300])
        assert await blocks_of(store, Entity.LABEL, [5, 300]) == [None, None]
        assert await blocks_of(store, Entity.ARTIST, [6]) == [None]


@pytest.mark.parametrize("count", [1, 7, 8, 1_279, 1_280, 4_096])
async def test_a_block_may_be_written_packed_and_no_empty_room_is_returned(
    store: Store, count: int
) -> None:
    held = sparse(*range(count))
    await store.put_fingerprints(Entity.LABEL, {5: pack(marks_of(held)), 6: held})
    assert await blocks_of(store, Entity.LABEL, [5, 6]) == [held, held]
    for found in await store.fingerprints(Entity.LABEL, [5, 6]):
        assert found is not None
        assert count_of(found) == count
        assert len(found) <= 32 * count
    await store.put_fingerprints(Entity.LABEL, {5: b""})
    assert await blocks_of(store, Entity.LABEL, [6]) == [held]
    assert await blocks_of(store, Entity.LABEL, [5]) in ([None], [bytes(BLOCK_BYTES)])


async def test_what_is_written_at_once_is_all_there(connect: Connect) -> None:
    store = connect()
    writes = ({number: sparse(number)} for number in range(50))
    await asyncio.gather(*(store.put_fingerprints(Entity.LABEL, one) for one in writes))
    assert await store.known_blocks(Entity.LABEL) == list(range(50))
    await store.close()


@pytest.mark.parametrize("step", [1, 3, 4, 20, 200, 600, 2_000, 200_000])
async def test_a_record_takes_at_most_40_bytes_however_far_ids_are_apart(
    valkey_url: str, step: int
) -> None:
    store = open_store(store_settings(valkey_url))
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
