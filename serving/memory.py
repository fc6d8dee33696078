"""Answers in the memory of this process: the ones used last, so many bytes of them."""

from collections import OrderedDict
from collections.abc import Iterable

from common.cache.keys import FORMS, Place, RecordPlace
from common.cache.recent_drops import RecentDrops
from common.entities import Entity
from serving.answers import Answer, sequence_of

_ENTRY_BYTES = 1_000
"""Of an entry beside the body."""

_LARGEST_SHARE = 16
"""An answer of more than this part of the room is not kept: it would drive out too many."""


class AnswerMemory:
    """Whole answers by place.

    What was read before a change and comes after it is refused: by the sequence of the change,
    or, where all of an entity was dropped meanwhile, by the ``mark`` that was taken before.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Place, Answer] = OrderedDict()
        self._drops = RecentDrops()
        self._marks = dict.fromkeys(Entity, 0)

    def get(self, place: Place) -> Answer | None:
        """Return an answer, None when there is none."""
        answer = self._answers.get(place)
        if answer is not None:
            self._answers.move_to_end(place)
        return answer

    def mark(self, place: Place) -> int:
        """Return what tells whether all was dropped between a question and its answer."""
        return self._marks[place.entity] if isinstance(place, RecordPlace) else 0

    def put(self, place: Place, answer: Answer, mark: int) -> bool:
        """Keep an answer; False when it may be old by now, or is too large."""
        size = _size(answer)
        if size * _LARGEST_SHARE > self._most_bytes or self._is_old(place, answer, mark):
            return False
        self._remove(place)
        self._answers[place] = answer
        self._bytes += size
        while self._bytes > self._most_bytes:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= _size(oldest)
        return True

    def drop(self, entity: Entity, ids: Iterable[int], sequence: int) -> None:
        """Drop records that a change of this sequence has touched."""
        numbers = list(ids)
        self._drops.add(entity, numbers, sequence)
        for number in numbers:
            for form in FORMS:
                self._remove(RecordPlace(entity, number, form))

    def drop_all(self, entity: Entity, sequence: int) -> None:
        """Drop all records of an entity."""
        self._marks[entity] += 1
        self._drops.forget(entity, sequence)
        for place in [one for one in self._answers if _is_of(one, entity)]:
            self._remove(place)

    def _is_old(self, place: Place, answer: Answer, mark: int) -> bool:
        if not isinstance(place, RecordPlace):
            return False
        last = self._drops.last(place.entity, place.id)
        return mark != self.mark(place) or sequence_of(answer) < last

    def _remove(self, place: Place) -> None:
        answer = self._answers.pop(place, None)
        if answer is not None:
            self._bytes -= _size(answer)


def _size(answer: Answer) -> int:
    return len(answer.body) + _ENTRY_BYTES


def _is_of(place: Place, entity: Entity) -> bool:
    return isinstance(place, RecordPlace) and place.entity is entity
