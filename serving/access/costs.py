"""What answers cost: tokens of the limit of whoever asks."""

from enum import IntEnum


class Cost(IntEnum):
    """Tokens by the kind of question."""

    FREE = 0
    RECORD = 1
    LIST = 2
    SEARCH = 5
    GRAPH = 20
    EXPORT = 100


_FREE = frozenset({"/livez", "/readyz", "/docs", "/openapi.json"})
"""For those who look whether it works, and how it is asked: they need no key either."""

_BY_WORD = {
    "search": Cost.SEARCH,
    "suggest": Cost.SEARCH,
    "graph": Cost.GRAPH,
    "exports": Cost.EXPORT,
}


def cost_of(path: str) -> Cost:
    """Return what an answer costs: one record is what ends with an id, and the rest are lists."""
    if path in _FREE:
        return Cost.FREE
    *words, last = path.split("/")
    if last.isdecimal():
        return Cost.RECORD
    return max((_BY_WORD.get(word, Cost.LIST) for word in (*words, last)), default=Cost.LIST)
