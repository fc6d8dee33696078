"""Remembers which nodes this process has made sure of, so that each is sent once."""

from collections.abc import Iterable
from typing import Any, Protocol

from loaders.neo4j.rows import Targets
from loaders.neo4j.schema import KEYS

_CHUNK_BITS = 16


class Seen(Protocol):
    """What a set and a bitmap have in common."""

    def __contains__(self, key: Any, /) -> bool: ...

    def add(self, key: Any, /) -> None: ...


class Bitmap:
    """A set of ids at a bit each, in chunks of 8 kB: a stray huge id costs one chunk."""

    def __init__(self) -> None:
        self._chunks: dict[int, bytearray] = {}

    def __contains__(self, record_id: int, /) -> bool:
        chunk = self._chunks.get(record_id >> _CHUNK_BITS)
        return chunk is not None and bool(chunk[(record_id >> 3) & 8191] >> (record_id & 7) & 1)

    def add(self, record_id: int, /) -> None:
        """Set the id's bit."""
        chunk = self._chunks.setdefault(record_id >> _CHUNK_BITS, bytearray(8192))
        chunk[(record_id >> 3) & 8191] |= 1 << (record_id & 7)


class Stubs:
    """What is known to be in the graph; wrong when somebody removed it, which is found."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._parts: set[tuple[str, str]] = set()
        self.forget(KEYS)

    def missing(self, targets: Targets) -> dict[str, list[Any]]:
        """Return the keys not yet made sure of, by label and sorted, labels without any left
        out."""
        found = {label: self._missing(label, keys) for label, keys in sorted(targets.items())}
        return {label: keys for label, keys in found.items() if keys}

    def missing_parts(self, pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the (style, genre) pairs not yet made sure of."""
        return sorted(pairs - self._parts)

    def add(self, keys: dict[str, list[Any]], pairs: list[tuple[str, str]]) -> None:
        """Remember what a committed transaction has made sure of."""
        for label, of_label in keys.items():
            for key in of_label:
                self._seen[label].add(key)
        self._parts.update(pairs)

    def forget(self, labels: Iterable[str]) -> None:
        """Make sure of everything with these labels again."""
        for label in labels:
            self._seen[label] = Bitmap() if KEYS[label] == "id" else set()
            if KEYS[label] == "name":
                self._parts.clear()

    def _missing(self, label: str, keys: set[Any]) -> list[Any]:
        seen = self._seen[label]
        return sorted(key for key in keys if key not in seen)
