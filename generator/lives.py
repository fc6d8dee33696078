"""What happens to a record from month to month, known without looking at any other month."""

from bisect import bisect_right
from typing import NamedTuple

from common.entities import Entity
from generator.plan import Plan
from generator.randomness import Purpose, mix, share

KINDS = {entity: number for number, entity in enumerate(Entity)}

GIANT_ARTIST = 400
GIANT_LABEL = 3
NAMELESS_LABEL = 32
GIANT_RELEASE = 700
SPARED = {
    Entity.ARTIST: frozenset({GIANT_ARTIST}),
    Entity.LABEL: frozenset({GIANT_LABEL, NAMELESS_LABEL}),
    Entity.MASTER: frozenset[int](),
    Entity.RELEASE: frozenset({GIANT_RELEASE}),
}
"""Slots of the long tails, which are never deleted: every month has them."""

POPULAR = 0.25
"""The popular quarter of the artists and labels is never deleted either: a merger changes
every release that names the one merged, and who is on thousands is not a duplicate."""


class Life(NamedTuple):
    """A record in one month.

    ``edits`` are the months whose changes it carries; ``merged`` is set when it is gone
    because it became part of another.
    """

    born: int
    alive: bool
    merged: bool
    edits: tuple[int, ...]


class Lives:
    """The lives of all records of a plan, up to its month."""

    def __init__(self, plan: Plan) -> None:
        """Count the slots of every month; nothing is kept per record."""
        self._plan = plan
        months = range(1, plan.month + 1)
        self._slots = {entity: [plan.slots(entity, m) for m in months] for entity in Entity}
        self._first = {entity: self._deletable_from(entity) for entity in Entity}
        self._revert = plan.changed + _ratio(plan.returned, plan.changed)
        self._resurrect = _ratio(plan.returned, plan.deleted)

    def _deletable_from(self, entity: Entity) -> int:
        named = entity in (Entity.ARTIST, Entity.LABEL)
        return int(self._slots[entity][0] * POPULAR) if named else 0

    def _dies(self, entity: Entity, slot: int, month: int) -> bool:
        first = self._first[entity]
        if slot < first or slot in SPARED[entity]:
            return False
        rate = self._plan.deleted / (1 - POPULAR if first else 1)
        return share(mix(self._plan.seed, Purpose.DEATH, KINDS[entity], slot, month)) < rate

    def slots(self, entity: Entity, month: int | None = None) -> int:
        """How many slots there are up to a month, by default the plan's."""
        return self._slots[entity][(month or self._plan.month) - 1]

    def life(self, entity: Entity, slot: int) -> Life:
        """Tell what became of a record that exists by the plan's month."""
        born = bisect_right(self._slots[entity], slot) + 1
        died = 0
        edits: list[int] = []
        for month in range(born + 1, self._plan.month + 1):
            drawn = share(mix(self._plan.seed, Purpose.EVENT, KINDS[entity], slot, month))
            if died:
                died = 0 if died == month - 1 and drawn < self._resurrect else died
            elif self._dies(entity, slot, month):
                died = month
            else:
                self._live_on(edits, month, drawn)
        merged = bool(died) and self._merges(entity, slot, died)
        return Life(born, not died, merged, tuple(edits))

    def _live_on(self, edits: list[int], month: int, drawn: float) -> None:
        """Change the record, or take its last change back: content of two months ago."""
        if drawn < self._plan.changed:
            edits.append(month)
        elif edits and edits[-1] == month - 1 and drawn < self._revert:
            edits.pop()

    def _merges(self, entity: Entity, slot: int, month: int) -> bool:
        bits = mix(self._plan.seed, Purpose.MERGE, KINDS[entity], slot, month)
        return slot > 0 and bits % 2 == 0

    def heir(self, entity: Entity, slot: int) -> int:
        """Return the slot a merged record went into: always a lower one."""
        return mix(self._plan.seed, Purpose.MERGE, KINDS[entity], slot) % slot


def _ratio(returned: float, pool: float) -> float:
    """Half of the returning records come from each pool of last month's events."""
    return min(0.5, 0.5 * returned / pool) if pool else 0.0
