"""Limits by the minute, of addresses and keys, over several processes."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from common.cache.limits import MOST_BUCKETS, RateLimiter
from serving.access.admission import Access, Rules
from serving.access.costs import Cost
from serving.access.gate import AccessGate
from serving.access.known import KnownKeys
from tests.serving.access_place import (
    LIMITED,
    NOBODY,
    CountingTables,
    Place,
    ask,
    said,
    status,
    told,
)


async def test_limits_are_told_and_kept(place: Place, key: str) -> None:
    async with place.access() as access:
        first = await ask(access)
        assert told(first) == {
            "ratelimit-limit": "50",
            "ratelimit-remaining": "49",
            "ratelimit-reset": "20",
            "x-discogs-ratelimit": "50",
            "x-discogs-ratelimit-used": "1",
            "x-discogs-ratelimit-remaining": "49",
        }
        given = [await ask(access, cost=Cost.SEARCH) for _ in range(20)]
        assert 9 <= sum(status(one) == 200 for one in given) <= 11
        assert status(given[-1]) == 429
        assert said(given[-1]) == {"message": "You are making requests too quickly."}
        assert given[-1].refusal
        assert given[-1].refusal.headers == {"Retry-After": "20"}
        assert told(given[-1])["ratelimit-reset"] == "20"
        assert status(await ask(access, address="192.0.2.2")) == 200
        assert told(await ask(access, key))["ratelimit-limit"] == "100"
        place.clock.now += 20
        assert status(await ask(access)) == 200


@pytest.mark.parametrize(("per_minute", "limit"), [(7, "7"), (0, None), (None, "100")])
async def test_a_key_may_have_a_limit_of_its_own(
    place: Place, per_minute: int | None, limit: str | None
) -> None:
    async with place.tables() as tables:
        key = await tables.create("berta", per_minute)
    async with place.access() as access:
        assert told(await ask(access, key)).get("ratelimit-limit") == limit


async def test_what_costs_nothing_and_has_no_limit_asks_nobody(place: Place) -> None:
    async with place.access() as access:
        assert (await ask(access, cost=Cost.FREE)).headers == ()
    async with place.access(Rules()) as access:
        assert (await ask(access, cost=Cost.EXPORT)).headers == ()


@pytest.mark.parametrize("shared", [True, False])
async def test_three_processes_exceed_a_limit_by_a_tenth_at_most(
    place: Place, key: str, *, shared: bool
) -> None:
    rules = replace(LIMITED, processes=3)
    async with AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(place.access(rules, shared=shared)) for _ in range(3)
        ]
        for who, limit in ((key, 100), ("", 50)):
            given = [
                status(await ask(access, who)) == 200 for _ in range(limit) for access in processes
            ]
            assert limit <= sum(given) <= limit * 1.1


async def test_who_tries_keys_is_slowed_down(place: Place) -> None:
    async with place.database() as database:
        tables = CountingTables(database)
        await tables.make()
        values = place.values(shared=False)
        known = KnownKeys(tables, values, place.keys, place.clock)
        access = Access(
            known, RateLimiter(values, place.keys, clock=place.clock), Rules(), shared=True
        )
        tried = [status(await ask(access, f"wx_{number}")) for number in range(200)]
        assert set(tried[:60]) == {401}
        assert set(tried[70:]) == {429}
        assert tables.asked <= 70
        valid = await tables.create("anna", None)
        assert status(await ask(access, valid, address="192.0.2.2")) == 200
        assert status(await ask(access)) == 200


@pytest.mark.parametrize("count", [60_000, pytest.param(1_000_000, marks=pytest.mark.long)])
async def test_so_many_addresses_need_no_more_memory(place: Place, count: int) -> None:
    values = place.values(shared=False)
    limiter = RateLimiter(values, place.keys, clock=place.clock)
    access = Access(None, limiter, LIMITED, shared=True)
    for number in range(count):
        high, low = divmod(number, 256)
        address = f"10.{high // 256 % 256}.{high % 256}.{low}"
        assert (await access.admit((), b"", address, 1)).refusal is None
    assert len(limiter) == MOST_BUCKETS
    place.clock.now += 60
    assert limiter.clean() == MOST_BUCKETS


async def test_the_gate_knows_path_key_and_address(place: Place, key: str) -> None:
    async with place.access() as access:
        gate = AccessGate(access)

        async def remaining(path: str, query: bytes = b"", address: str = NOBODY) -> str:
            scope = {"path": path, "query_string": query, "headers": [], "client": (address, 1)}
            refusal, headers = await gate.admit(scope)
            assert refusal is None
            return dict(headers)[b"ratelimit-remaining"].decode()

        assert await remaining("/v1/releases/1") == "49"
        assert await remaining("/v1/graph/path") == "29"
        assert await remaining("/v1/releases/1", address="192.0.2.2") == "49"
        assert await remaining("/discogs/database/search", f"token={key}".encode()) == "95"
