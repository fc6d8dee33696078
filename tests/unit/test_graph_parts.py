"""What one transaction of a graph has no memory for is done in several."""

from collections.abc import Sequence

import pytest

from common.errors import DoubtfulError, TransientError
from loaders.neo4j.connection import in_parts


class Room:
    """Takes so many items at once, and notes how many it was given."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.given: list[int] = []
        self.taken: list[int] = []

    async def take(self, items: Sequence[int]) -> int:
        """Return how many there are; with too many, fail as a server out of memory does."""
        self.given.append(len(items))
        if len(items) > self.size:
            raise DoubtfulError("out of memory")
        self.taken += items
        return len(items)


async def test_as_many_as_are_asked_for_go_at_once() -> None:
    room = Room(100)
    assert await in_parts(room.take, range(10), 4) == 10
    assert room.given == [4, 4, 2]
    assert await in_parts(room.take, (), 4) == 0


async def test_what_is_too_much_goes_in_halves_each_item_once_and_in_order() -> None:
    room = Room(3)
    assert await in_parts(room.take, range(17), 8) == 17
    assert room.taken == list(range(17))
    assert room.given == [8, 4, 2, 2, 4, 2, 2, 8, 4, 2, 2, 4, 2, 2, 1]


async def test_what_is_too_much_by_itself_is_an_error_and_an_outage_is_not_halved() -> None:
    room = Room(0)
    with pytest.raises(DoubtfulError):
        await in_parts(room.take, range(8), 8)
    assert room.given == [8, 4, 2, 1]
    calls: list[int] = []

    async def away(items: Sequence[int]) -> int:
        calls.append(len(items))
        raise TransientError("no answer")

    with pytest.raises(TransientError):
        await in_parts(away, range(8), 8)
    assert calls == [8]
