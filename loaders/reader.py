"""What a check asks of a sink beyond loading: to read what it holds, and to name what differs."""

from collections.abc import Sequence
from typing import Protocol

from common.entities import Entity
from common.records import Record
from loaders.differences import Part
from loaders.sink import Sink

Parts = dict[int, list[Part]]
"""What differs, by record id; a record without a difference has no entry."""


class Reader(Protocol):
    """Reads a sink's content, through the sink's own connections; each call one reading.

    Calls raise `TransientError` when the same call may succeed later.
    """

    async def compare(self, entity: Entity, records: Sequence[Record]) -> Parts:
        """Compare every row, or node and edge, of these records with what they must give.

        Ids are distinct.  The dump that last changed a record is not compared: the record does
        not tell.  A record that cannot be held raises `TerminalError`.
        """

    async def ids(self, entity: Entity, first: int, last: int) -> list[int]:
        """Return the ids in ``[first, last)`` of which anything at all is held."""

    async def fingerprints(self, entity: Entity, first: int, last: int) -> dict[int, int]:
        """Return the fingerprints of the rows in ``[first, last)``, rejections not counted."""


class ReadableSink(Sink, Protocol):
    """A sink that can be checked."""

    @property
    def reader(self) -> Reader:
        """What reads this sink; it works while the sink is connected."""
