"""What the store holds of each record's content: read block by block, written when confirmed."""

from collections import OrderedDict
from collections.abc import Callable, Container, Iterable

import structlog

from common.entities import Entity
from common.errors import TransientError
from common.store import Store
from common.store.packing import count_of, marks_of, pack
from common.store.protocol import BLOCK_SIZE
from extractor.selecting.held import HeldBlock

_MOST_BLOCKS = 32  # at most 64 kB each: 131,072 ids, and a dump has them nearly in order
_FLUSH_AT = 32
_LOOKED_AT_ONCE = 256  # at most 8 MB

log = structlog.get_logger()


class Fingerprints:
    """The blocks in use, by number.

    A block stays while records of it are expected; the others go, least recently used first.
    When the store fails, the run goes on without it and sends everything.  With `keep` the store
    stays as it is.
    """

    def __init__(self, store: Store, entity: Entity) -> None:
        self._store = store
        self._entity = entity
        self._blocks: OrderedDict[int, HeldBlock] = OrderedDict()
        self._dirty: set[int] = set()
        self._working = True
        self._writing = True

    def go_without(self, error: TransientError) -> None:
        """Believe and write nothing from now on: everything not yet compared is sent."""
        self._working = False
        log.warning("store_lost", entity=self._entity, consequence="sending all", error=str(error))

    def keep(self) -> None:
        """Write nothing from now on: what is sent is going to be dropped."""
        self._writing = False

    async def load(self, numbers: Iterable[int]) -> dict[int, HeldBlock]:
        """Return these blocks, asking the store for those not at hand in one call."""
        wanted = sorted(numbers)  # the few fingerprints of neighbours share a page of the store
        missing = [number for number in wanted if number not in self._blocks]
        if missing:
            for number, held in zip(missing, await self._fetch(missing), strict=True):
                self._blocks[number] = HeldBlock(held or b"")
        for number in wanted:
            self._blocks.move_to_end(number)
        found = {number: self._blocks[number] for number in wanted}
        await self._evict(keep=found)
        return found

    def confirm(self, ids: Iterable[int]) -> None:
        """Take over the fingerprints of records that the broker has."""
        for record_id in ids:
            number, place = divmod(record_id, BLOCK_SIZE)
            self._blocks[number].confirm(place)
            self._dirty.add(number)

    def give_up(self, record_id: int) -> None:
        """Forget a record that will not be sent."""
        number, place = divmod(record_id, BLOCK_SIZE)
        self._blocks[number].give_up(place)

    async def flush_some(self) -> None:
        """Write confirmed blocks once there are enough of them."""
        if len(self._dirty) >= _FLUSH_AT:
            await self.flush()

    async def flush(self) -> None:
        """Write all confirmed blocks."""
        blocks = {number: self._blocks[number].content() for number in self._dirty}
        self._dirty.clear()
        if blocks and self._working and self._writing:
            try:
                await self._store.put_fingerprints(self._entity, blocks)
            except TransientError as error:
                self.go_without(error)

    async def forget_absent(self, seen: Callable[[int], bytes]) -> None:
        """Forget the fingerprints of ids the dump no longer has; ``seen`` gives a block's bits.

        Such an id may come back with its old content, which the sinks then no longer hold.
        """
        if self._working and self._writing:
            try:
                await self._forget_absent(seen)
            except TransientError as error:
                self.go_without(error)

    async def _forget_absent(self, seen: Callable[[int], bytes]) -> None:
        store, entity = self._store, self._entity
        numbers = await store.known_blocks(entity)
        for start in range(0, len(numbers), _LOOKED_AT_ONCE):
            part = numbers[start : start + _LOOKED_AT_ONCE]
            changed = {}
            for number, held in zip(part, await store.fingerprints(entity, part), strict=True):
                if held and (kept := _without_absent(held, seen(number))) is not None:
                    changed[number] = kept
            if changed:
                await store.put_fingerprints(entity, changed)

    async def _fetch(self, numbers: list[int]) -> list[bytes | None]:
        if self._working:
            try:
                return await self._store.fingerprints(self._entity, numbers)
            except TransientError as error:
                self.go_without(error)
        return [None] * len(numbers)

    async def _evict(self, keep: Container[int]) -> None:
        surplus = len(self._blocks) - _MOST_BLOCKS
        if surplus <= 0:
            return
        await self.flush()
        # Records may have been confirmed during the flush: their blocks are not written yet.
        free = [
            number
            for number, block in self._blocks.items()
            if not block.expected and number not in self._dirty and number not in keep
        ]
        for number in free[:surplus]:
            del self._blocks[number]


def _without_absent(held: bytes, seen: bytes) -> bytes | None:
    """Return the block without absent ids, None when there is nothing to take out.

    As many fingerprints as ids is taken to mean the same ones: where that is wrong, the ranges
    will tell.
    """
    if count_of(held) == int.from_bytes(seen).bit_count():
        return None
    marks = marks_of(held)
    kept = {place: mark for place, mark in marks.items() if seen[place >> 3] >> (place & 7) & 1}
    return pack(kept) if len(kept) < len(marks) else None
