"""Fingerprints are read by the block, written once confirmed, and never missed when lost."""

import asyncio
from array import array

import pytest

from common.entities import Entity
from common.store.packing import marks_of
from common.store.protocol import BLOCK_SIZE
from extractor.selecting.fingerprints import Fingerprints
from tests.fakes.store import MemoryStore
from tests.unit.extractor.failing_store import FailingStore, SlowStore

ENTITY = Entity.ARTIST
MANY = 1000  # blocks: more than are kept


def block_of(**fingerprints: int) -> bytes:
    """Return a block with these fingerprints: ``i7=5`` puts 5 at place 7."""
    block = array("Q", bytes(8 * BLOCK_SIZE))
    for place, fingerprint in fingerprints.items():
        block[int(place[1:])] = fingerprint
    return block.tobytes()


async def held(store: MemoryStore, record_id: int) -> int:
    """Return what the store holds of an id, 0 for nothing."""
    number, place = divmod(record_id, BLOCK_SIZE)
    (block,) = await MemoryStore.fingerprints(store, ENTITY, [number])
    return marks_of(block).get(place, 0) if block else 0


async def expect(fingerprints: Fingerprints, record_id: int, fingerprint: int) -> None:
    """Note a record that is to be sent, as the comparison does."""
    number, place = divmod(record_id, BLOCK_SIZE)
    (await fingerprints.load([number]))[number].expect(place, fingerprint)


async def test_only_what_is_confirmed_is_written() -> None:
    store = MemoryStore()
    fingerprints = Fingerprints(store, ENTITY)
    await fingerprints.load({0, 1})
    for record_id in (1, 2, 3, BLOCK_SIZE):
        await expect(fingerprints, record_id, record_id + 2**63)
    fingerprints.confirm([1, BLOCK_SIZE])
    fingerprints.give_up(2)
    await fingerprints.flush()
    assert await held(store, 1) == 1 + 2**63
    assert await held(store, BLOCK_SIZE) == BLOCK_SIZE + 2**63
    assert await held(store, 2) == await held(store, 3) == 0
    block = (await fingerprints.load([0]))[0]
    assert [block.first(place) for place in range(5)] == [0, 1 + 2**63, 0, 3 + 2**63, 0]
    assert block.expected == 1


async def test_a_block_read_keeps_what_is_not_touched() -> None:
    store = MemoryStore()
    await store.put_fingerprints(ENTITY, {5: block_of(i7=70, i9=90)})
    fingerprints = Fingerprints(store, ENTITY)
    found = await fingerprints.load({5})
    assert tuple(found[5].held[place] for place in (7, 9, 8)) == (70, 90, 0)
    await expect(fingerprints, 5 * BLOCK_SIZE + 9, 99)
    fingerprints.confirm([5 * BLOCK_SIZE + 9])
    await fingerprints.flush()
    assert store.blocks[ENTITY] == {5: block_of(i7=70, i9=99)}


async def test_some_are_flushed_when_there_are_many() -> None:
    store = MemoryStore()
    fingerprints = Fingerprints(store, ENTITY)
    blocks = await fingerprints.load(range(40))
    for number in range(40):
        blocks[number].expect(1, 5)
        fingerprints.confirm([number * BLOCK_SIZE + 1])
        await fingerprints.flush_some()
        assert len(store.blocks[ENTITY]) == (32 if number >= 31 else 0)


async def test_blocks_with_records_on_their_way_are_never_evicted() -> None:
    store = MemoryStore()
    fingerprints = Fingerprints(store, ENTITY)
    for start in range(0, 3 * MANY, 500):
        await fingerprints.load(range(start, start + 500))
        for number in range(start, start + 500):
            await expect(fingerprints, number * BLOCK_SIZE, number + 1)
    for number in range(3 * MANY):
        fingerprints.confirm([number * BLOCK_SIZE])
    await fingerprints.flush()
    for number in range(0, 3 * MANY, 100):
        assert await held(store, number * BLOCK_SIZE) == number + 1


async def test_settled_blocks_are_written_before_they_are_evicted() -> None:
    store = MemoryStore()
    fingerprints = Fingerprints(store, ENTITY)
    await fingerprints.load([0])
    await expect(fingerprints, 5, 55)
    fingerprints.confirm([5])
    for start in range(1, 2 * MANY, 100):
        await fingerprints.load(range(start, start + 100))
    assert len(fingerprints._blocks) < MANY
    assert await held(store, 5) == 55
    assert (await fingerprints.load([0]))[0].held[5] == 55


async def test_a_record_confirmed_while_blocks_are_written_is_not_lost() -> None:
    store = SlowStore()
    fingerprints = Fingerprints(store, ENTITY)
    await fingerprints.load([0, 1])
    for record_id in (5, BLOCK_SIZE):
        await expect(fingerprints, record_id, 55)
    fingerprints.confirm([BLOCK_SIZE])
    evicting = asyncio.create_task(fingerprints.load(range(2, MANY)))
    await asyncio.wait_for(store.writing.wait(), 10)
    fingerprints.confirm([5])
    store.go_on.set()
    await asyncio.wait_for(evicting, 10)
    await fingerprints.flush()
    assert await held(store, 5) == await held(store, BLOCK_SIZE) == 55


async def test_ids_absent_from_the_dump_are_forgotten() -> None:
    store = MemoryStore()
    await store.put_fingerprints(ENTITY, {0: block_of(i1=1, i2=2, i9=9), 7: block_of(i3=3)})
    seen = {0: bytes([0b100]) + bytes(511)}
    fingerprints = Fingerprints(store, ENTITY)
    await fingerprints.forget_absent(lambda number: seen.get(number, bytes(512)))
    assert store.blocks[ENTITY] == {0: block_of(i2=2), 7: block_of()}


async def test_an_id_without_fingerprint_forgets_nothing() -> None:
    store = MemoryStore()
    await store.put_fingerprints(ENTITY, {0: block_of(i1=1, i8=8)})
    await Fingerprints(store, ENTITY).forget_absent(lambda _: bytes([0b110, 1]) + bytes(510))
    assert store.blocks[ENTITY] == {0: block_of(i1=1, i8=8)}


@pytest.mark.parametrize("calls", range(5))
async def test_a_store_that_fails_stops_nothing(calls: int) -> None:
    store = FailingStore(calls)
    store.blocks[ENTITY][0] = block_of(i1=1)
    fingerprints = Fingerprints(store, ENTITY)
    found = await fingerprints.load([0])
    assert found[0].held[1] == (1 if calls else 0)
    await expect(fingerprints, 2, 22)
    fingerprints.confirm([2])
    await fingerprints.flush()
    assert await held(store, 2) == (22 if calls > 1 else 0)
    await fingerprints.forget_absent(lambda _: bytes([0b100]) + bytes(511))
    assert await held(store, 1) == (0 if calls > 4 else 1)


async def test_after_a_failure_nothing_is_believed_or_written() -> None:
    store = FailingStore(1)
    store.blocks[ENTITY] = {number: block_of(i1=1) for number in range(3)}
    fingerprints = Fingerprints(store, ENTITY)
    await fingerprints.load([0])
    assert (await fingerprints.load([1]))[1].held[1] == 0
    store._left = 1000
    assert (await fingerprints.load([2]))[2].held[1] == 0
    await expect(fingerprints, 2, 22)
    fingerprints.confirm([2])
    await fingerprints.flush()
    await fingerprints.forget_absent(lambda _: bytes(512))
    assert store.blocks[ENTITY] == {number: block_of(i1=1) for number in range(3)}
