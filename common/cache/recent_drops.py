"""What this process has dropped lately."""

from collections import OrderedDict
from collections.abc import Iterable

from common.entities import Entity

_MOST = 100_000
"""Records remembered: some 12 MB."""


class RecentDrops:
    """The sequence at which a record was dropped last, exact for the newest of them.

    Of what is forgotten only the highest sequence of its entity is kept, for all of its records.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._sequences: OrderedDict[tuple[Entity, int], int] = OrderedDict()
        self._floors: dict[Entity, int] = {}

    def add(self, entity: Entity, ids: Iterable[int], sequence: int) -> None:
        """Note that records were dropped."""
        for record_id in ids:
            self._sequences[entity, record_id] = sequence
            self._sequences.move_to_end((entity, record_id))
        while len(self._sequences) > self._most:
            (forgotten, _), last = self._sequences.popitem(last=False)
            self._floors[forgotten] = max(self._floors.get(forgotten, 0), last)

    def forget(self, entity: Entity, sequence: int) -> None:
        """Note that all records of an entity were dropped."""
        self._floors[entity] = sequence
        for key in [key for key in self._sequences if key[0] is entity]:
            del self._sequences[key]

    def last(self, entity: Entity, record_id: int) -> int:
        """Return the sequence that a snapshot of a record has to have seen."""
        floor = self._floors.get(entity, 0)
        return max(floor, self._sequences.get((entity, record_id), 0))
