"""The generation of answers that depend on many records: a word in the key of each."""

from collections.abc import Mapping

from common.cache.keys import digest_of
from common.entities import Entity
from serving.database.feed import LOADING, EntityState

_SECONDS = 5.0
"""Between two generations at least, while anything is being loaded."""

_LENGTH = 12


class Generations:
    """Moves when the catalogue has changed: at once at a verdict, else now and then.

    The word depends on nothing but how far the catalogue is, so that processes share answers.
    """

    def __init__(self) -> None:
        self.word = ""
        self._moved = 0.0
        self._verdicts: Mapping[Entity, tuple[int, str]] = {}

    def look(self, states: Mapping[Entity, EntityState], now: float) -> None:
        """Take note of how far the catalogue is; ``now`` is in seconds."""
        word = _word(states)
        verdicts = {
            entity: (one.run, one.state) for entity, one in states.items() if one.state != LOADING
        }
        if word == self.word:
            return
        if verdicts != self._verdicts or now - self._moved >= _SECONDS:
            self.word, self._moved, self._verdicts = word, now, verdicts


def _word(states: Mapping[Entity, EntityState]) -> str:
    far = sorted((one, of.identity, of.run, of.sequence) for one, of in states.items())
    return digest_of(repr(far))[:_LENGTH]
