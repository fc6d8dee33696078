"""Randomness that depends on nothing but the seed: hashes, streams and tables to draw from."""

import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import pairwise
from math import ceil
from random import Random
from typing import TypeVar

from xxhash import xxh3_64_intdigest

T = TypeVar("T")

_pack = struct.Struct("<5q").pack


class Purpose(IntEnum):
    """What a hash decides.  Two decisions never share one."""

    CONTENT = 1
    WORK = 2
    EVENT = 3
    MERGE = 4
    NAME = 5
    GAPS = 6
    LAYOUT = 7
    MEMBERSHIP = 8
    PARENT = 9
    OLD_SHAPE = 10
    WORDS = 11
    ORDER = 12
    DEATH = 13


def mix(seed: int, purpose: Purpose, kind: int, slot: int, month: int = 0) -> int:
    """Hash to 64 bits, the same on every machine."""
    return xxh3_64_intdigest(_pack(seed, purpose, kind, slot, month))


def share(bits: int) -> float:
    """A hash as a number in [0, 1)."""
    return (bits >> 11) / 9007199254740992.0


class Stream(Random):
    """A stream of draws.

    It only ever calls ``random()``: that alone is promised to stay the same from one Python
    to the next.
    """

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, each as likely."""
        return values[int(self.random() * len(values))]

    def chance(self, share: float) -> bool:
        """True in that share of the draws."""
        return self.random() < share

    def below(self, limit: int) -> int:
        """A whole number from 0 up to the limit, which is left out."""
        return int(self.random() * limit)

    def low(self, limit: int) -> int:
        """As ``below``, the low numbers more often: few are popular, most appear once."""
        drawn = self.random()
        return int(drawn * drawn * limit)

    def some(self, values: Sequence[T], count: int) -> list[T]:
        """Draw distinct values: at most ``count`` of them, in the order drawn."""
        return list(dict.fromkeys(self.pick(values) for _ in range(count)))


def weighted(weights: Mapping[str, int], size: int = 2000) -> tuple[str, ...]:
    """Spread the values over a table in which each place is equally likely; none is lost."""
    scale = size / sum(weights.values())
    return tuple(
        value for value, weight in weights.items() for _ in range(max(1, round(weight * scale)))
    )


def spread(quantiles: Sequence[tuple[float, int]], size: int = 2000) -> tuple[int, ...]:
    """Tabulate a distribution given as (share of draws below, value) pairs, ascending.

    Between two pairs the values grow geometrically, as long tails do, and are rounded up.
    """
    table: list[int] = []
    for (left, low), (right, high) in pairwise(quantiles):
        places = round(right * size) - round(left * size)
        ratio = (high + 1) / (low + 1)
        table += [ceil((low + 1) * ratio ** ((i + 0.5) / places) - 1e-9) - 1 for i in range(places)]
    return tuple(table)
