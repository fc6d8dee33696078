"""How often each layer had what it was asked for, by kind."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson


class Share(NamedTuple):
    """Of one layer and kind: how often it was asked, and how often it had the answer."""

    layer: str
    kind: str
    hits: int
    asked: int

    @property
    def rate(self) -> float:
        """Hits of what was asked, 0 to 1."""
        return self.hits / self.asked if self.asked else 0.0


class Hits:
    """Counts since the start of this process; layers and kinds are words of a closed list."""

    def __init__(self) -> None:
        self._hits: Counter[tuple[str, str]] = Counter()
        self._asked: Counter[tuple[str, str]] = Counter()

    def count(self, layer: str, kind: str, hit: bool) -> None:
        """Note that a layer was asked for a kind."""
        self._asked[layer, kind] += 1
        if hit:
            self._hits[layer, kind] += 1

    def add(self, shares: Iterable[Share]) -> None:
        """Add what another process has counted."""
        for share in shares:
            self._asked[share.layer, share.kind] += share.asked
            self._hits[share.layer, share.kind] += share.hits

    def shares(self) -> Iterator[Share]:
        """Yield what was counted, in order of the first question."""
        for (layer, kind), asked in self._asked.items():
            yield Share(layer, kind, self._hits[layer, kind], asked)


def encode_shares(shares: Iterable[Share]) -> bytes:
    """Return counts as JSON."""
    return orjson.dumps([list(share) for share in shares])


def summed(encoded: Iterable[bytes | None]) -> list[Share]:
    """Return the counts of several processes together; what is not readable is left out."""
    together = Hits()
    for value in encoded:
        together.add(_decoded(value))
    return sorted(together.shares())


def _decoded(value: bytes | None) -> list[Share]:
    try:
        rows = orjson.loads(value or b"[]")
        return [Share(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in rows]
    except (ValueError, TypeError, LookupError):
        return []
