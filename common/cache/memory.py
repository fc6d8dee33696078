"""Values in the memory of this process: what is used where there is no server."""

import math
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from time import monotonic

from common.cache.scripts import ADD, Argument, Result, Script, milliseconds
from common.cache.usage import Usage
from common.errors import TransientError

_ENTRY_BYTES = 250
"""Of an entry beside its key and value, measured."""

_SWEEP_SECONDS = 1.0
"""Between two sweeps of a full memory: each looks at every entry."""

_PAGE = 1_000
"""Keys that a scan looks at before others have their turn."""

_CLASS = re.compile(r"\\(.)|\*|\?|\[(\^?)([^\]]*)\]|(.)", re.DOTALL)
"""A part of a glob: what is quoted, a star, a question mark, a class, any other character."""


class MemoryValues:
    """Values of at most so many bytes; what was not used for longest goes first.

    Where nothing may be lost (``evicting`` is false), what does not fit is refused.  See `Values`.
    """

    def __init__(
        self, most_bytes: int, *, evicting: bool = True, clock: Callable[[], float] = monotonic
    ) -> None:
        self._table = _Table(most_bytes, evicting, clock)

    @property
    def where(self) -> str:
        """What it is called."""
        return "the memory of this process"

    @property
    def is_lost(self) -> bool:
        """Never."""
        return False

    async def check(self) -> None:
        """Do nothing: it can always serve."""

    async def get(self, key: str) -> bytes | None:
        """Return a value."""
        return self._table.read(key)

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Replace a value."""
        self._table.write(key, value, seconds)

    async def delete(self, *keys: str) -> int:
        """Delete values."""
        return sum([self._table.remove(key) for key in keys])

    async def exists(self, *keys: str) -> int:
        """Count values."""
        return sum([self._table.read(key) is not None for key in keys])

    async def incr(self, key: str, by: int, seconds: float) -> int:
        """Add to a number."""
        return int(await self.run(ADD, [key], [by, milliseconds(seconds)]) or 0)

    async def setnx(self, key: str, value: bytes, seconds: float) -> bool:
        """Make a value where there is none."""
        if self._table.read(key) is not None:
            return False
        self._table.write(key, value, seconds)
        return True

    async def getset(self, key: str, value: bytes, seconds: float) -> bytes | None:
        """Replace a value and return the one before."""
        before = self._table.read(key)
        self._table.write(key, value, seconds)
        return before

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return several values."""
        return [self._table.read(key) for key in keys]

    async def mset(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Replace several values."""
        for key, value in values.items():
            self._table.write(key, value, seconds)

    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """Yield the keys that match a glob."""
        matches = _expression(pattern).fullmatch
        keys = self._table.keys()
        for start in range(0, len(keys), _PAGE):
            if found := [key for key in keys[start : start + _PAGE] if matches(key)]:
                yield found

    async def expire(self, key: str, seconds: float) -> bool:
        """Give a value another time to live."""
        return self._table.lengthen(key, seconds)

    async def ttl(self, key: str) -> float | None:
        """Return how long a value still lives."""
        return self._table.left(key)

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> Result:
        """Run a script's twin: there is no await in it, so nothing comes between."""
        try:
            return script.twin(self._table, keys, [_as_bytes(one) for one in arguments])
        except ValueError as error:
            raise TransientError(f"the memory refuses a command: {error}") from error

    async def run_each(
        self, script: Script, calls: Collection[tuple[Sequence[str], Sequence[Argument]]]
    ) -> None:
        """Run a script several times."""
        for keys, arguments in calls:
            await self.run(script, keys, arguments)

    async def usage(self) -> Usage:
        """Return how full it is."""
        return self._table.usage()

    async def clean(self) -> int:
        """Forget what has run out."""
        return self._table.sweep()

    async def close(self) -> None:
        """Forget everything."""
        self._table.clear()


class _Table:
    """Entries by key, the least recently used first: value, and when it runs out."""

    def __init__(self, most_bytes: int, evicting: bool, clock: Callable[[], float]) -> None:
        self._most = most_bytes
        self._evicting = evicting
        self._clock = clock
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0
        self._next_sweep = 0.0

    def keys(self) -> list[str]:
        self.sweep()
        return list(self._entries)

    def read(self, key: str) -> bytes | None:
        entry = self._live(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def left(self, key: str) -> float | None:
        entry = self._live(key)
        return entry[1] - self._clock() if entry else None

    def write(self, key: str, value: bytes, seconds: float | None) -> None:
        entry = self._live(key)
        now = self._clock()
        until = now + seconds if seconds is not None else entry[1] if entry else math.inf
        size = _size(key, value)
        self._make_room(size - (_size(key, entry[0]) if entry else 0))
        self.remove(key)
        if size <= self._most:
            self._entries[key] = value, until
            self._bytes += size

    def lengthen(self, key: str, seconds: float) -> bool:
        entry = self._live(key)
        if entry:
            self._entries[key] = entry[0], self._clock() + seconds
        return entry is not None

    def remove(self, key: str) -> bool:
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self._bytes -= _size(key, entry[0])
        return entry[1] > self._clock()

    def sweep(self) -> int:
        now = self._clock()
        over = [key for key, (_, until) in self._entries.items() if until <= now]
        for key in over:
            self.remove(key)
        return len(over)

    def usage(self) -> Usage:
        return Usage("memory of a process", self._bytes, self._most, self._evicting)

    def clear(self) -> None:
        self._entries.clear()
        self._bytes = 0

    def _live(self, key: str) -> tuple[bytes, float] | None:
        entry = self._entries.get(key)
        if entry and entry[1] <= self._clock():
            self.remove(key)
            return None
        return entry

    def _make_room(self, size: int) -> None:
        while self._evicting and self._entries and self._bytes + size > self._most:
            self.remove(next(iter(self._entries)))
        if self._bytes + size > self._most and self._clock() >= self._next_sweep:
            self._next_sweep = self._clock() + _SWEEP_SECONDS
            self.sweep()
        if self._bytes + size > self._most and not self._evicting:
            raise TransientError("the memory has no room left")


def _size(key: str, value: bytes) -> int:
    return _ENTRY_BYTES + len(key) + len(value)


def _as_bytes(argument: Argument) -> bytes:
    return argument if isinstance(argument, bytes) else str(argument).encode()


def _expression(pattern: str) -> re.Pattern[str]:
    """Return a glob, as servers have it, as a regular expression."""
    return re.compile("".join(map(_part, _CLASS.finditer(pattern))), re.DOTALL)


def _part(found: re.Match[str]) -> str:
    quoted, negated, members, other = found.groups()
    if members is not None:
        return f"[{negated}{re.escape(members).replace(chr(92) + '-', '-')}]" if members else "(?!)"
    return {"*": ".*", "?": "."}.get(found[0]) or re.escape(quoted or other)
