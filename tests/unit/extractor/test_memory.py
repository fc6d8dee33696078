"""What a run holds goes by its records, however far apart their ids are."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from common.entities import Entity
from common.store.packing import count_of, pack
from common.store.protocol import BLOCK_SIZE
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.presence import Presence
from tests.fakes.store import MemoryStore

COUNT = 20_000


@dataclass
class Traced:
    """Bytes that are held more at the end of a ``with`` than at its begin."""

    held: int = 0


@contextmanager
def traced() -> Iterator[Traced]:
    found = Traced()
    tracemalloc.start()
    try:
        yield found
        found.held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("step", [1, 20, 1_000, 8_000, 60_000])
def test_presence_takes_some_bytes_for_a_record(step: int) -> None:
    with traced() as memory:
        presence = Presence()
        for number in range(1, COUNT + 1):
            presence.add(number * step, number << 40)
    assert memory.held <= COUNT * (60 if step <= 8_000 else 500)
    with traced() as memory:
        ranges = presence.ranges()
    assert memory.held <= 100 * COUNT
    assert sum(one.count for one in ranges) == COUNT


@pytest.mark.parametrize("held", [0, 1])
async def test_a_block_in_use_takes_room_for_its_records(held: int) -> None:
    blocks = range(COUNT // 10)
    store = MemoryStore()
    if held:
        mark = pack({7: 2**63})
        await store.put_fingerprints(Entity.LABEL, dict.fromkeys(blocks, mark))
    with traced() as memory:
        fingerprints = Fingerprints(store, Entity.LABEL)
        for block in (await fingerprints.load(blocks)).values():
            block.expect(9, 2**63 + 1)
        fingerprints.confirm(number * BLOCK_SIZE + 9 for number in blocks)
    assert memory.held <= 1_000 * len(blocks)
    await fingerprints.flush()
    assert [count_of(found or b"") for found in await store.fingerprints(Entity.LABEL, blocks)] == [
        1 + held
    ] * len(blocks)
