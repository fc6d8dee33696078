"""What the parts ask of a place of values: the memory of a process, or a server."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Protocol

from common.cache.scripts import Argument, Script
from common.cache.usage import Usage
from common.errors import TransientError


class CacheLostError(TransientError):
    """The server gave no answer within the deadline, or is not asked after several such calls."""


class Values(Protocol):
    """Bytes by key, each with a time to live in seconds.

    Methods raise `TransientError` only, whatever is wrong with the server: what is cached can be
    gone at any time, and for any reason.  ``check`` is for the start, where it is a set-up error.
    """

    @property
    def where(self) -> str:
        """What it is called in a sentence, without any password."""

    @property
    def is_lost(self) -> bool:
        """Whether its server counts as gone, and is asked only once in a while."""

    async def check(self) -> None:
        """Raise `ServerError` when the server refuses us or is none that can serve."""

    async def get(self, key: str) -> bytes | None:
        """Return a value, None when there is none."""

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Replace a value."""

    async def delete(self, *keys: str) -> int:
        """Delete values; return how many there were."""

    async def exists(self, *keys: str) -> int:
        """Return how many of these there are."""

    async def incr(self, key: str, by: int, seconds: float) -> int:
        """Add to a number, 0 where there is none, and return it.

        The time to live is that of the first time, so that the number of a window ends with it.
        """

    async def setnx(self, key: str, value: bytes, seconds: float) -> bool:
        """Make a value where there is none; tell whether it was made."""

    async def getset(self, key: str, value: bytes, seconds: float) -> bytes | None:
        """Replace a value and return the one before."""

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return several values, in order."""

    async def mset(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Replace several values; they may be seen one after the other."""

    def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """Yield the keys that match a glob, some at a time; see `common.cache.keys.literal`.

        What is there all the while comes at least once.
        """

    async def expire(self, key: str, seconds: float) -> bool:
        """Give a value another time to live; False when there is none."""

    async def ttl(self, key: str) -> float | None:
        """Return how long a value still lives, None when there is none."""

    async def run(
        self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]
    ) -> int | bytes | None:
        """Run a script, as one step that nothing comes between."""

    async def run_each(
        self, script: Script, calls: Collection[tuple[Sequence[str], Sequence[Argument]]]
    ) -> None:
        """Run a script several times, each a step of its own."""

    async def usage(self) -> Usage:
        """Return what it is, and how full."""

    async def clean(self) -> int:
        """Forget what has run out, where nothing else does it; return how much that was."""

    async def close(self) -> None:
        """Give back what is held."""
