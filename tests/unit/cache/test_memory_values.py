"""Values in memory: bounded, whatever comes."""

import tracemalloc

import pytest

from common.cache.memory import MemoryValues
from common.errors import TransientError
from tests.contract.caches import Clock

KEY_BYTES = 250 + len("key 00000")


async def test_what_was_not_used_for_longest_goes_first() -> None:
    values = MemoryValues(4 * (KEY_BYTES + 100))
    for number in range(4):
        await values.set(f"key {number:05}", bytes(100), 60)
    assert await values.get("key 00000")
    await values.set("key 00004", bytes(100), 60)
    assert await values.get("key 00000")
    assert await values.get("key 00001") is None
    await values.set("key 00000", bytes(101), 60)  # the same key, a little larger
    assert await values.exists(*(f"key {number:05}" for number in range(5))) == 3


async def test_more_than_all_of_it_is_not_kept() -> None:
    values = MemoryValues(10_000)
    await values.set("a", b"1", 60)
    await values.set("b", bytes(20_000), 60)
    assert await values.get("b") is None
    await values.set("a", bytes(20_000), 60)
    assert await values.get("a") is None
    await values.set("a", b"2", 60)
    assert await values.get("a") == b"2"


async def test_where_nothing_may_be_lost_what_does_not_fit_is_refused() -> None:
    clock = Clock()
    values = MemoryValues(2 * (KEY_BYTES + 100), evicting=False, clock=clock)
    await values.set("key 00000", bytes(100), 10)
    await values.set("key 00001", bytes(100), 60)
    clock.now += 5
    with pytest.raises(TransientError, match="no room"):
        await values.set("key 00002", bytes(100), 60)
    assert await values.exists("key 00000", "key 00001") == 2
    clock.now += 10  # the first has run out
    await values.set("key 00002", bytes(100), 60)
    assert await values.exists("key 00001", "key 00002") == 2


async def test_what_has_run_out_is_forgotten() -> None:
    clock = Clock()
    values = MemoryValues(1_000_000, clock=clock)
    await values.mset({f"short {number}": b"1" for number in range(10)}, 10)
    await values.set("long", b"1", 100)
    clock.now += 10
    assert await values.clean() == 10
    assert await values.clean() == 0
    assert await values.get("long") == b"1"
    assert await values.ttl("long") == 90


async def test_however_many_keys_take_no_more_than_they_may() -> None:
    most = 2_000_000
    values = MemoryValues(most)
    tracemalloc.start()
    try:
        for number in range(20_000):
            await values.incr(f"rate:{number}", 1, 60)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert used < 1.2 * most
    assert await values.get("rate:19999") == b"1"
