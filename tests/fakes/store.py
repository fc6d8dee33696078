"""A store in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from time import monotonic

from common.entities import Entity
from common.reports import Progress, SinkReport
from common.store.packing import FULL, count_of, marks_of, pack, whole
from common.store.protocol import Binding


class MemoryStore:
    """Keeps everything in dictionaries; several processes of a simulation may share one.

    A lease runs out by ``clock``, which a simulation sets itself.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.blocks: dict[Entity, dict[int, bytes]] = {entity: {} for entity in Entity}
        self._clock = clock
        self._bindings: dict[Entity, Binding] = {}
        self._leases: dict[Entity, tuple[str, float]] = {}
        self._progress: dict[Entity, Progress] = {}
        self._reports: dict[str, SinkReport] = {}
        self._trials: dict[tuple[str, str], int] = {}

    async def check(self) -> None:
        """Do nothing: it can always serve."""

    async def fingerprints(self, entity: Entity, blocks: Sequence[int]) -> list[bytes | None]:
        """Return the blocks, in order, those with few fingerprints packed, as servers keep them."""
        found = [self.blocks[entity].get(block) for block in blocks]
        return [
            block and (pack(marks_of(block)) if count_of(block) < FULL else block)
            for block in found
        ]

    async def put_fingerprints(self, entity: Entity, blocks: Mapping[int, bytes]) -> None:
        """Replace blocks; they are kept as whole ones."""
        self.blocks[entity].update({block: whole(content) for block, content in blocks.items()})

    async def forget_fingerprints(self, entity: Entity, blocks: Collection[int]) -> None:
        """Delete blocks."""
        for block in blocks:
            self.blocks[entity].pop(block, None)

    async def known_blocks(self, entity: Entity) -> list[int]:
        """Return the numbers of all blocks held, ascending."""
        return sorted(self.blocks[entity])

    async def binding(self, entity: Entity) -> Binding | None:
        """Return whose content the fingerprints describe."""
        return deepcopy(self._bindings.get(entity))

    async def bind(self, entity: Entity, binding: Binding) -> None:
        """Replace the binding."""
        self._bindings[entity] = deepcopy(binding)

    async def acquire_lease(self, entity: Entity, owner: str, seconds: float) -> bool:
        """Take or renew the lease; False when another owner has it."""
        holder, until = self._leases.get(entity, (owner, 0.0))
        if holder != owner and self._clock() < until:
            return False
        self._leases[entity] = owner, self._clock() + seconds
        return True

    async def release_lease(self, entity: Entity, owner: str) -> None:
        """Give the lease back, if it is still ours."""
        if entity in self._leases and self._leases[entity][0] == owner:
            del self._leases[entity]

    async def put_progress(self, progress: Progress) -> None:
        """Replace the progress of an entity."""
        self._progress[progress["entity"]] = deepcopy(progress)

    async def progress(self) -> list[Progress]:
        """Return all progress, in the order of the entities."""
        return [deepcopy(self._progress[entity]) for entity in Entity if entity in self._progress]

    async def put_report(self, report: SinkReport) -> None:
        """Replace a sink's report whole."""
        self._reports[report["sink"]] = deepcopy(report)

    async def reports(self) -> dict[str, SinkReport]:
        """Return the last report of every sink."""
        return deepcopy(self._reports)

    async def trials(self, sink: str, message: str) -> int:
        """Return how many loaders a message has ended."""
        return self._trials.get((sink, message), 0)

    async def put_trials(self, sink: str, message: str, count: int) -> None:
        """Replace that number; 0 forgets the message."""
        self._trials[sink, message] = count

    async def close(self) -> None:
        """Do nothing: what it holds is what a server would hold."""

    def flush(self) -> None:
        """Lose everything, as a server without persistence does."""
        for held in (self._bindings, self._leases, self._progress, self._reports, self._trials):
            held.clear()
        for blocks in self.blocks.values():
            blocks.clear()
