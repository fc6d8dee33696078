"""How often somebody may do something in a minute, on every place of values."""

import asyncio
from collections import Counter

import pytest

from common.cache import Values
from common.cache.keys import Keys
from common.cache.limits import RateLimiter
from tests.contract.caches import Clock


async def test_a_minute_has_a_limit(values: Values, keys: Keys) -> None:
    clock = Clock()
    limiter = RateLimiter(values, keys, clock=clock)
    verdicts = [await limiter.take("one", "search", 60) for _ in range(70)]
    given = [verdict.allowed for verdict in verdicts]
    assert given == [True] * sum(given) + [False] * (70 - sum(given))
    assert 60 <= sum(given) <= 66
    assert [verdict.remaining for verdict in verdicts[:3]] == [59, 58, 57]
    assert verdicts[-1].remaining == 0
    assert {(verdict.limit, verdict.reset) for verdict in verdicts} == {(60, 20)}
    assert (await limiter.take("two", "search", 60)).allowed
    assert (await limiter.take("one", "graph", 60)).allowed
    clock.now += 20
    assert (await limiter.take("one", "search", 60)).allowed


@pytest.mark.parametrize("limit", [25, 60, 1_000])
async def test_three_processes_exceed_a_limit_by_a_tenth_at_most(
    values: Values, keys: Keys, limit: int
) -> None:
    limiters = [RateLimiter(values, keys, 3, Clock()) for _ in range(3)]
    asked = [limiter.take("one", "x", limit) for limiter in limiters for _ in range(limit)]
    given = sum([verdict.allowed for verdict in await asyncio.gather(*asked)])
    assert limit <= given <= limit * 1.1


async def test_what_costs_more_is_taken_whole_or_not_at_all(values: Values, keys: Keys) -> None:
    limiter = RateLimiter(values, keys, clock=Clock())
    costs = [20, 20, 20, 20, 5, 5, 1]
    given = [(await limiter.take("one", "x", 60, cost)).allowed for cost in costs]
    assert 60 <= sum(cost for cost, one in zip(costs, given, strict=True) if one) <= 66
    assert given[:4] == [True, True, True, False]
    assert not (await limiter.take("two", "x", 60, 100)).allowed


async def test_few_calls_to_the_server_are_needed(values: Values, keys: Keys) -> None:
    counting = Counting(values)
    limiter = RateLimiter(counting, keys, clock=Clock())  # type: ignore[arg-type]
    for _ in range(2_000):
        await limiter.take("one", "x", 1_000)
    for number in range(500):
        await limiter.take(f"comes once {number}", "x", 1_000)
    assert counting.calls["incr"] < 60


class Counting:
    """Values whose calls are counted."""

    def __init__(self, values: Values) -> None:
        self.calls: Counter[str] = Counter()
        self._values = values

    def __getattr__(self, name: str) -> object:
        self.calls[name] += 1
        return getattr(self._values, name)
