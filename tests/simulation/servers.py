"""Broker and store in memory, as unreliable as one likes."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from common.entities import Entity
from common.reports import SinkReport
from tests.fakes.broker import MemoryQueue, MemoryServer, Stored
from tests.fakes.store import MemoryStore
from tests.simulation.dumps import ENTITY

Parcel = tuple[dict[str, str], bytes]

_CONTENT = ("blocks", "_bindings", "_progress", "_reports")


class UnreliableServer(MemoryServer):
    """Loses, doubles and shuffles what waits, and brings back what was long settled."""

    def __init__(self, queue_bytes: int = 256_000_000) -> None:
        super().__init__(queue_bytes=queue_bytes)
        self.past: list[Parcel] = []
        self.drops: Callable[[Parcel], bool] | None = None

    async def add(self, fields: dict[str, str], body: bytes, entity: Entity) -> None:
        """Take a message, or say so and lose it."""
        self.past.append((fields, body))
        if self.drops is None or not self.drops((fields, body)):
            await super().add(fields, body, entity)

    def lose(self, sink: str, chance: Random) -> None:
        """Lose a message that waits."""
        waiting = self._waiting(sink).waiting
        if waiting:
            del waiting[chance.randrange(len(waiting))]

    def double(self, sink: str, chance: Random) -> None:
        """Put a message that waits into the queue once more."""
        waiting = self._waiting(sink).waiting
        if waiting:
            stored = chance.choice(waiting)
            waiting.insert(chance.randrange(len(waiting) + 1), Stored(stored.fields, stored.body))

    def shuffle(self, sink: str, chance: Random) -> None:
        """Bring what waits into another order."""
        chance.shuffle(self._waiting(sink).waiting)

    async def replay(self, sink: str, parcel: Parcel) -> None:
        """Deliver a message of the past again."""
        async with self.changed:
            self._waiting(sink).waiting.append(Stored(*parcel))
            self.changed.notify_all()

    def _waiting(self, sink: str) -> MemoryQueue:
        return self.queue(sink, ENTITY)


class UnreliableStore(MemoryStore):
    """Loses its content, or goes back to an older one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)

    async def put_report(self, report: SinkReport) -> None:
        """Replace a sink's report whole: nobody changes one, and copies take time."""
        self._reports[report["sink"]] = report

    async def reports(self) -> dict[str, SinkReport]:
        """Return the last report of every sink."""
        return dict(self._reports)

    def snapshot(self) -> dict[str, Any]:
        """Return a copy of everything but the leases."""
        return deepcopy({name: self.__dict__[name] for name in _CONTENT})

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Be as at the time of a snapshot again."""
        self.__dict__.update(deepcopy(snapshot))

    def break_leases(self) -> None:
        """Let another extractor begin while one is at work."""
        self._leases.clear()

    def evict(self, chance: Random) -> None:
        """Lose one block of fingerprints."""
        if blocks := self.blocks[ENTITY]:
            del blocks[chance.choice(sorted(blocks))]
