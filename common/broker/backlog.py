"""How many bytes the streams hold, estimated from their lengths."""

from collections.abc import Mapping, Sequence

from common.entities import Entity
from common.messages import Message


class Backlog:
    """A bound in bytes on streams, of which a server tells only the number of entries.

    What this publisher sent so far gives the mean size of an entity's messages.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes: dict[Entity, int] = {}
        self._messages: dict[Entity, int] = {}
        self._lengths: dict[str, int] = {}

    def sent(self, message: Message, lengths: Mapping[str, int]) -> None:
        """Note a message added, and the lengths its streams have with it."""
        entity = message.headers.entity
        self._bytes[entity] = self._bytes.get(entity, 0) + len(message.body)
        self._messages[entity] = self._messages.get(entity, 0) + 1
        self._lengths.update(lengths)

    def measured(self, stream: str, length: int) -> None:
        """Note the length that a stream has now."""
        self._lengths[stream] = length

    def full(self, entity: Entity, streams: Sequence[str]) -> list[str]:
        """Return the streams of this entity that hold about as many bytes as they may."""
        mean = self._bytes.get(entity, 0) / self._messages.get(entity, 1)
        return [name for name in streams if self._lengths.get(name, 0) * mean >= self._limit]
