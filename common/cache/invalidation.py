"""What is dropped by pattern: found some at a time, so that the server goes on answering."""

from common.cache.keys import Keys
from common.cache.protocol import Values


async def drop_matching(values: Values, pattern: str) -> int:
    """Delete whatever matches a glob; return how many values there were.

    Raises `TransientError` when the place is gone; what was deleted until then stays deleted.
    """
    return sum([await values.delete(*keys) async for keys in values.scan(pattern)])


async def drop_person(values: Values, keys: Keys, person: str) -> int:
    """Delete all that is kept of a person: sessions, limits, profile; return how many values."""
    return await drop_matching(values, keys.pattern_of(person))


async def count_matching(values: Values, pattern: str) -> int:
    """Return how many values match a glob."""
    return sum([len(keys) async for keys in values.scan(pattern)])
