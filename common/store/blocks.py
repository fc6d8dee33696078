"""Fingerprints in the store: a key for each block, and for blocks with few one for many."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from redis.asyncio import Redis

from common import faultpoints
from common.entities import Entity
from common.store.keys import FINGERPRINT_SECONDS, Keys, block_of
from common.store.packing import (
    ALONE,
    FULL,
    PAGE_BLOCKS,
    Marks,
    by_block,
    marks_of,
    pack,
    readable,
    unpack,
    whole,
    without,
)
from common.store.protocol import BLOCK_SIZE

T = TypeVar("T")

_BLOCKS_PER_CALL = 256
"""At most 8 MiB of fingerprints: a call stays well below the deadline."""

_SCAN_COUNT = 1_000


class Blocks:
    """Reads and writes blocks; what cannot be read counts as absent.

    A block has a key of its own, or its few fingerprints are in a page.  ``guard`` gives a call
    its deadline and translates its errors.
    """

    def __init__(
        self, client: Redis, keys: Keys, guard: Callable[[], AbstractAsyncContextManager[None]]
    ) -> None:
        self._client = client
        self._keys = keys
        self._guard = guard
        self._writing = asyncio.Lock()

    async def read(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        """Return blocks, in order."""
        return [block for part in _parts(blocks) for block in await self._read(entity, part)]

    async def _read(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        numbers = sorted({block // PAGE_BLOCKS for block in blocks})
        names = [self._keys.fingerprints(entity, block) for block in blocks]
        async with self._guard():
            found: Any = await self._client.mget(
                [*names, *(self._keys.few(entity, number) for number in numbers)]
            )
        packed = found[len(blocks) :]
        pages = {number: unpack(page or b"") for number, page in zip(numbers, packed, strict=True)}
        few = {
            number * PAGE_BLOCKS + block: marks
            for number, page in pages.items()
            for block, marks in by_block(page).items()
        }
        return [
            readable(own) or (pack(few[block]) if block in few else None)
            for block, own in zip(blocks, found, strict=False)
        ]

    async def write(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks: a SET each, as MSET could not give them a time to live."""
        # A page is read, changed and written: one call at a time.
        async with self._writing:
            for part in _parts(sorted(blocks)):
                await self._write(entity, {block: blocks[block] for block in part})

    async def _write(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        marks = {block: marks_of(content) for block, content in blocks.items()}
        held = await self._pages(entity, {block // PAGE_BLOCKS for block in blocks})
        pages = {number: _changed(page, number, marks) for number, page in held.items()}
        async with self._guard(), self._client.pipeline(transaction=False) as pipe:
            for block, found in marks.items():
                name = self._keys.fingerprints(entity, block)
                if len(found) < ALONE:
                    pipe.unlink(name)
                else:
                    content = whole(blocks[block]) if len(found) >= FULL else pack(found)
                    pipe.set(name, content, ex=FINGERPRINT_SECONDS)
            for number, page in pages.items():
                if page:
                    pipe.set(self._keys.few(entity, number), pack(page), ex=FINGERPRINT_SECONDS)
                elif held[number]:
                    pipe.unlink(self._keys.few(entity, number))
            faultpoints.passing("fingerprints.writing")
            await pipe.execute()
            faultpoints.passing("fingerprints.written")

    async def forget(self, entity: Entity, blocks: Collection[int]) -> None:
        """Delete blocks, and with them the pages that they may be in."""
        names = [self._keys.fingerprints(entity, block) for block in blocks]
        names += [self._keys.few(entity, page) for page in {b // PAGE_BLOCKS for b in blocks}]
        for part in _parts(names):
            async with self._guard():
                await self._client.unlink(*part)

    async def known(self, entity: Entity) -> list[int]:
        """Return the numbers of all blocks held, ascending."""
        found = await self._scan(self._keys.fingerprints_pattern(entity))
        numbers = await self._scan(self._keys.few_pattern(entity))
        for part in _parts(sorted(numbers)):
            for number, page in (await self._pages(entity, part)).items():
                found |= {number * PAGE_BLOCKS + block for block in by_block(page)}
        return sorted(found)

    async def _pages(self, entity: Entity, numbers: Collection[int]) -> dict[int, Marks]:
        if not numbers:
            return {}
        async with self._guard():
            names = [self._keys.few(entity, number) for number in numbers]
            found: Any = await self._client.mget(names)
        return {number: unpack(page or b"") for number, page in zip(numbers, found, strict=True)}

    async def _scan(self, pattern: str) -> set[int]:
        found: set[int] = set()
        names: Any
        cursor = 0
        while True:
            async with self._guard():
                cursor, names = await self._client.scan(cursor, match=pattern, count=_SCAN_COUNT)
            numbers = map(block_of, names)
            found.update(number for number in numbers if number is not None)
            if cursor == 0:
                return found


def _changed(page: Marks, number: int, marks: Mapping[int, Marks]) -> Marks:
    """Return a page with what it is to hold of these blocks, and nothing else of them."""
    first = number * PAGE_BLOCKS
    own = {block - first: found for block, found in marks.items() if block // PAGE_BLOCKS == number}
    changed = without(page, own)
    for block, found in own.items():
        if len(found) < ALONE:
            changed |= {block * BLOCK_SIZE + place: mark for place, mark in found.items()}
    return changed


def _parts(items: Sequence[T]) -> list[Sequence[T]]:
    starts = range(0, len(items), _BLOCKS_PER_CALL)
    return [items[start : start + _BLOCKS_PER_CALL] for start in starts]
