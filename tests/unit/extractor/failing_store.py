"""A store in memory that fails from some call on, and one that is slow to write."""

import asyncio
from collections.abc import Mapping, Sequence

from common.entities import Entity
from common.errors import TransientError
from tests.fakes.store import MemoryStore


class FailingStore(MemoryStore):
    """Answers ``calls`` calls about fingerprints, then none."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._left = calls

    def _answer(self) -> None:
        if not self._left:
            raise TransientError("the store is gone")
        self._left -= 1

    async def fingerprints(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        """Return the blocks, or fail."""
        self._answer()
        return await super().fingerprints(entity, blocks)

    async def put_fingerprints(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks, or fail."""
        self._answer()
        await super().put_fingerprints(entity, blocks)

    async def known_blocks(self, entity: Entity) -> list[int]:
        """Return the numbers, or fail."""
        self._answer()
        return await super().known_blocks(entity)


class SlowStore(MemoryStore):
    """Writes only once it is let: ``writing`` is set when a write waits for ``go_on``."""

    def __init__(self) -> None:
        super().__init__()
        self.writing = asyncio.Event()
        self.go_on = asyncio.Event()

    async def put_fingerprints(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks, when it is let."""
        self.writing.set()
        await self.go_on.wait()
        await super().put_fingerprints(entity, blocks)
