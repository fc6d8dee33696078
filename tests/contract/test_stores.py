"""What every store promises, on the fake and on a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from operator import not_

import pytest
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from common.entities import Entity
from common.reports import State
from common.store import Binding, Store, open_store
from common.store.packing import count_of, marks_of, pack
from config.servers import ServerAccess
from tests.contract.stores import (
    BLOCK_BYTES,
    LEASE_SECONDS,
    block,
    blocks_of,
    reading,
    server_at,
    sink_report,
    sparse,
)
from tests.fakes.store import MemoryStore
from tests.foreign import STORES, clear_keys, foreign, fresh_namespace

Connect = Callable[[], Store]


@pytest.fixture(params=["memory", "valkey", *foreign(STORES)])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Gives the stores of as many programs as a test wants, on one server.

    On a server of the environment's they have a namespace of their own.
    """
    if request.param == "memory":
        shared = MemoryStore()
        return lambda: shared
    if request.param == "valkey":
        return partial(open_store, server_at(request.getfixturevalue("valkey_url")))
    return partial(open_store, server_at(request.param, fresh_namespace()))


@pytest.fixture
async def store(connect: Connect) -> AsyncIterator[Store]:
    """One program's store."""
    store = connect()
    yield store
    await store.close()
    if isinstance(connect, partial):
        server: ServerAccess = connect.args[0]
        await clear_keys(server.url, server.namespace)


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
    assert await store.acquire_lease(Entity.ARTIST, "one", LEASE_SECONDS)
    assert await store.acquire_lease(Entity.ARTIST, "one", LEASE_SECONDS)
    assert not await other.acquire_lease(Entity.ARTIST, "other", LEASE_SECONDS)
    assert await other.acquire_lease(Entity.LABEL, "other", LEASE_SECONDS)
    await other.release_lease(Entity.ARTIST, "other")
    assert not await other.acquire_lease(Entity.ARTIST, "other", LEASE_SECONDS)
    await store.release_lease(Entity.ARTIST, "one")
    assert await other.acquire_lease(Entity.ARTIST, "other", LEASE_SECONDS)
    await other.close()


async def test_a_lease_expires(store: Store) -> None:
    assert await store.acquire_lease(Entity.ARTIST, "one", LEASE_SECONDS)
    polled = AsyncRetrying(
        retry=retry_if_result(not_),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(20 * LEASE_SECONDS),
    )
    taken: bool = await polled(store.acquire_lease, Entity.ARTIST, "other", LEASE_SECONDS)
    assert taken
    assert not await store.acquire_lease(Entity.ARTIST, "one", LEASE_SECONDS)


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
