"""Steps that nothing may come between: for a server in Lua, for the memory in Python.

Dragonfly runs a script on the threads of its keys, so each key is declared.  It has Lua 5.4 where
Valkey has 5.1, which print large numbers differently: none is printed that was not text before.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Argument = bytes | str | int


class Table(Protocol):
    """What a script sees of values in memory."""

    def read(self, key: str) -> bytes | None:
        """Return a value that has not run out."""

    def write(self, key: str, value: bytes, seconds: float | None) -> None:
        """Replace a value; None: it runs out when the one before would have."""

    def lengthen(self, key: str, seconds: float) -> bool:
        """Give a value another time to live; False when there is none."""

    def remove(self, key: str) -> bool:
        """Delete a value; tell whether there was one."""


Result = int | bytes | None
Twin = Callable[[Table, Sequence[str], Sequence[bytes]], Result]


@dataclass(frozen=True, slots=True)
class Script:
    """A step, twice: ``lua`` with KEYS and ARGV, and ``twin``, which does the same."""

    lua: str
    twin: Twin
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.lua.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


def milliseconds(seconds: float) -> int:
    """Return a time to live as a server takes it: 0 would be refused."""
    return max(1, round(seconds * 1000))


def seconds_of(argument: bytes) -> float:
    """Return a time to live as the memory takes it."""
    return int(argument) / 1000


def _add(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> int:
    by, lifetime = arguments
    held = table.read(keys[0])
    total = int(by) + (0 if held is None else int(held))
    table.write(keys[0], b"%d" % total, seconds_of(lifetime) if held is None else None)
    return total


ADD = Script(
    """
    local held = redis.call('EXISTS', KEYS[1])
    local total = redis.call('INCRBY', KEYS[1], ARGV[1])
    if held == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
    return total
    """,
    _add,
)
"""Key, number and milliseconds: adds to a number, whose time to live is that of the first time."""


def _replace_if(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> int:
    before, after, lifetime = arguments
    if (table.read(keys[0]) or b"") != before:
        return 0
    table.write(keys[0], after, seconds_of(lifetime))
    return 1


REPLACE_IF = Script(
    """
    if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1
    """,
    _replace_if,
)
"""Key, value before (empty: none), value, milliseconds: 1 when it was replaced."""


def _delete_if(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> int:
    return int(table.read(keys[0]) == arguments[0] and table.remove(keys[0]))


DELETE_IF = Script(
    """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    return redis.call('DEL', KEYS[1])
    """,
    _delete_if,
)
"""Key and value: 1 when the key had this value, and is deleted."""


def _expire_if(table: Table, keys: Sequence[str], arguments: Sequence[bytes]) -> int:
    value, lifetime = arguments
    return int(table.read(keys[0]) == value and table.lengthen(keys[0], seconds_of(lifetime)))


EXPIRE_IF = Script(
    """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    return redis.call('PEXPIRE', KEYS[1], ARGV[2])
    """,
    _expire_if,
)
"""Key, value and milliseconds: 1 when the key had this value, and has the new time to live."""
