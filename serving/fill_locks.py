"""One process at a time makes an answer: the others wait for it to be in the cache."""

from contextlib import suppress

from common.cache.keys import Keys, Kind, Place, RecordPlace
from common.cache.protocol import Values
from common.errors import TransientError

SECONDS = 3.0
"""How long one that has ended without a word keeps others waiting."""


class FillLocks:
    """Locks by place.  They only save work: without an answer everybody may go on."""

    def __init__(self, values: Values, keys: Keys) -> None:
        self._values = values
        self._keys = keys

    async def take(self, place: Place) -> bool:
        """Take the lock of a place; False when another process has it."""
        try:
            return await self._values.setnx(self._key(place), b"1", SECONDS)
        except TransientError:
            return True

    async def is_taken(self, place: Place) -> bool:
        """Tell whether somebody has it."""
        try:
            return await self._values.exists(self._key(place)) == 1
        except TransientError:
            return False

    async def release(self, place: Place) -> None:
        """Give it back."""
        with suppress(TransientError):
            await self._values.delete(self._key(place))

    def _key(self, place: Place) -> str:
        return self._keys.of(Kind.LOCK, "fill", *_words(place))


def _words(place: Place) -> tuple[str, ...]:
    if isinstance(place, RecordPlace):
        return place.entity.value, str(place.id), place.form
    return place.kind.word, place.generation, place.digest
