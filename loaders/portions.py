"""How much goes to a database at once: by weight, by number, in halves where it is too much."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Found = TypeVar("Found")

RECORDS_AT_ONCE = 200_000
"""How many a statement sums up, or returns the ids of, that finds them by an index."""

RANGES_AT_ONCE = 512


def portions(
    items: Sequence[T], weigh: Callable[[T], int], records: int = RECORDS_AT_ONCE
) -> Iterator[Sequence[T]]:
    """Yield what is to be asked for at once: `RANGES_AT_ONCE`, and so many records by their weight.

    An item that weighs more is alone.
    """
    begin = weight = 0
    for end, item in enumerate(items):
        weight += weigh(item)
        if end > begin and (weight > records or end - begin == RANGES_AT_ONCE):
            yield items[begin:end]
            begin, weight = end, weigh(item)
    if begin < len(items):
        yield items[begin:]


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield so many items at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


async def in_halves(
    call: Callable[[Sequence[T]], Awaitable[Found]],
    items: Sequence[T],
    too_much: type[Exception] | tuple[type[Exception], ...],
) -> list[Found]:
    """Call with all items, or where that fails so with each half; return what the calls return.

    Of a single item, or none, the error comes out.
    """
    try:
        return [await call(items)]
    except too_much:
        if len(items) < 2:
            raise
    middle = len(items) // 2
    first = await in_halves(call, items[:middle], too_much)
    return [*first, *await in_halves(call, items[middle:], too_much)]
