"""How a load slows down as its database grows, and how long the whole catalogue would take."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from statistics import linear_regression

from benchmarks.measure import Figure
from common.entities import Entity

CATALOGUE: Mapping[Entity, int] = {
    Entity.ARTIST: 10_081_427,
    Entity.LABEL: 2_383_990,
    Entity.MASTER: 2_560_991,
    Entity.RELEASE: 19_192_301,
}
"""Records of the dumps of June 2026."""

STEPS = 10
"""Parts that the curve of a load is cut into."""


@dataclass(frozen=True)
class Estimate:
    """Hours of a first load of the whole catalogue: at the rates measured, and if releases go on
    slowing down as they did while they were measured.

    ``slowing`` is by what share of itself the rate falls with every tenfold of the releases.
    """

    steady: float
    slower: float
    slowing: float


def rates_per(curve: Sequence[tuple[float, int]], step: int) -> list[float]:
    """Return the rate of each ``step`` records of a curve of (seconds, records), in order.

    Between two points of the curve the records are taken to come evenly.
    """
    marks = range(0, curve[-1][1] + 1, step)
    times = [_time_of(curve, mark) for mark in marks]
    return [step / (after - before) for before, after in pairwise(times) if after > before]


def _time_of(curve: Sequence[tuple[float, int]], count: int) -> float:
    """Return when a count was reached; the last time that it was still 0."""
    if count == 0:
        return max(at for at, seen in curve if seen == 0)
    place = bisect_left(curve, count, key=lambda point: point[1])
    (before, less), (after, more) = curve[place - 1], curve[place]
    return before + (after - before) * (count - less) / (more - less)


def exponent(rates: Sequence[float]) -> float:
    """Return the power of the number of records that the rate falls with: 0 when it does not.

    The straight line through the logarithms that fits best (least squares).  The first part is
    left out: processes start in it, and a sink tells its count but once a second.
    """
    told = list(enumerate(rates))[1:]
    if len(told) < 2:
        return 0.0
    sizes = [log(place + 0.5) for place, _ in told]
    return max(0.0, -linear_regression(sizes, [log(rate) for _, rate in told]).slope)


def estimate(figures: Mapping[Entity, Figure], curve: Sequence[tuple[float, int]]) -> Estimate:
    """Estimate the hours of the whole catalogue from a load of each entity, in a run's order.

    ``curve`` is of the releases.
    """
    releases = figures[Entity.RELEASE]
    step = max(1, releases.records // STEPS)
    power = exponent(rates_per(curve, step))
    others = sum(
        CATALOGUE[entity] / figure.rate
        for entity, figure in figures.items()
        if entity is not Entity.RELEASE
    )
    steady = CATALOGUE[Entity.RELEASE] / releases.rate
    slower = sum(step / rate for rate in _falling(releases.rate, releases.records, step, power))
    return Estimate((others + steady) / 3600, (others + slower) / 3600, 1 - 10**-power)


def _falling(rate: float, measured: int, step: int, power: float) -> Iterator[float]:
    """Yield the rate of every ``step`` of the catalogue: up to ``measured`` as it was there."""
    for count in range(step, CATALOGUE[Entity.RELEASE] + 1, step):
        yield rate * (max(count, measured) / measured) ** -power
