"""Keys and limits, on PostgreSQL and on what several processes share."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from common.cache import Values, open_values
from common.cache.keys import Keys
from common.cache.limits import MOST_BUCKETS, RateLimiter
from common.errors import ServerError, SettingsError, TransientError
from common.postgres.database import Database
from config.settings import load_settings
from serving.access.admission import Access, Admission, Rules, opened_access
from serving.access.costs import Cost
from serving.access.gate import AccessGate
from serving.access.keys import Key, KeyTables, Use, hash_of
from serving.access.known import KnownKeys, revoke_in_cache
from tests.contract.caches import Clock, cache_at
from tests.contract.sinks import connected
from tests.integration.postgres.test_schema import restricted

LIMITED = Rules(anonymous_limit=50, key_limit=100)
NOBODY = "192.0.2.1"


@dataclass(frozen=True)
class Place:
    """One database and what its processes share; ``clock`` is theirs."""

    url: str
    cache_url: str
    clock: Clock
    keys: Keys

    @asynccontextmanager
    async def tables(self) -> AsyncIterator[KeyTables]:
        async with self.database() as database:
            tables = KeyTables(database)
            await tables.make()
            yield tables

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        database = Database(load_settings(postgres_url=self.url).server("reading"), 2)
        await database.open()
        try:
            yield database
        finally:
            await database.close()

    def values(self, *, shared: bool = True) -> Values:
        return open_values(cache_at(self.cache_url) if shared else None)

    @asynccontextmanager
    async def access(self, rules: Rules = LIMITED, *, shared: bool = True) -> AsyncIterator[Access]:
        """Have what a process has."""
        values = self.values(shared=shared)
        async with self.database() as database:
            opening = opened_access(
                database, values, self.keys, rules, shared=shared, clock=self.clock
            )
            async with opening as access:
                yield access
            await values.close()

    async def uses(self) -> list[tuple[str, int, int]]:
        """Return name, requests and cost of each key that was used."""
        async with connected(self.url) as connection:
            rows = await connection.fetch(
                "SELECT name, requests, cost FROM reading.key_use JOIN reading.key ON id = key "
                "WHERE day = (now() AT TIME ZONE 'UTC')::date ORDER BY name"
            )
        return [tuple(row) for row in rows]


@pytest.fixture
def place(postgres_url: str, valkey_url: str) -> Place:
    return Place(postgres_url, valkey_url, Clock(), Keys("access"))


@pytest.fixture
async def key(place: Place) -> str:
    """A key of the name anna."""
    async with place.tables() as tables:
        return await tables.create("anna", None)


async def ask(access: Access, key: str = "", address: str = NOBODY, cost: int = 1) -> Admission:
    headers = [(b"authorization", f"Discogs token={key}".encode())] if key else []
    return await access.admit(headers, b"", address, cost)


def status(admission: Admission) -> int:
    return admission.refusal.status if admission.refusal else 200


def told(admission: Admission) -> dict[str, str]:
    """Return the header that goes with the answer."""
    return {name.decode(): value.decode() for name, value in admission.headers}


def said(admission: Admission) -> Any:
    assert admission.refusal
    return orjson.loads(admission.refusal.body)


async def test_of_a_key_only_its_hash_is_kept(place: Place, key: str) -> None:
    async with connected(place.url) as connection:
        rows = await connection.fetch("SELECT key::text AS row FROM reading.key")
    assert len(rows) == 1
    assert key not in rows[0]["row"]
    assert hash_of(key).hex() in rows[0]["row"]


async def test_a_name_is_given_once(place: Place, key: str) -> None:
    async with place.tables() as tables:
        with pytest.raises(SettingsError, match="anna"):
            await tables.create("anna", None)
        await tables.revoke("anna")
        with pytest.raises(SettingsError, match="anna"):
            await tables.create("anna", 5)
        with pytest.raises(SettingsError, match="berta"):
            await tables.revoke("berta")
        assert await tables.create("berta", 5) != key
        assert [line.name for line in await tables.list()] == ["anna", "berta"]


async def test_what_three_processes_counted_is_exact(place: Place, key: str) -> None:
    async with AsyncExitStack() as stack:
        unlimited = Rules(processes=3)
        processes = [await stack.enter_async_context(place.access(unlimited)) for _ in range(3)]
        for number in range(100):
            for place_of, access in enumerate(processes):
                assert (await ask(access, key, cost=place_of + 1)).name == "anna"
            if number == 50:
                await processes[0].write_counts()
                place.clock.now += 400  # longer than a key is known
    assert await place.uses() == [("anna", 300, 600)]
    async with place.tables() as tables:
        (line,) = await tables.list()
    assert (line.requests, line.today, line.revoked) == (300, 300, None)


async def test_a_key_is_asked_for_once_in_five_minutes_by_all_processes(
    place: Place, key: str
) -> None:
    async with place.database() as database:
        counting = CountingTables(database)
        values = [place.values() for _ in range(2)]
        processes = [KnownKeys(counting, one, place.keys, place.clock) for one in values]
        for _ in range(290):
            place.clock.now += 1
            for process in processes:
                assert await process.find(hash_of(key), 1) == Key("anna", None)
        assert counting.asked == 1
        place.clock.now += 20
        assert await processes[1].find(hash_of(key), 1)
        assert counting.asked == 2
        for one in values:
            await one.close()


class CountingTables(KeyTables):
    """Tables of which is counted how often they are asked for keys."""

    asked = 0

    async def use(self, uses: Any) -> dict[bytes, Key]:
        self.asked += 1
        return await super().use(uses)


async def test_a_revoked_key_ends_at_once(place: Place, key: str) -> None:
    async with place.access() as access, place.tables() as tables:
        assert status(await ask(access, key)) == 200
        digest = await tables.revoke("anna")
        values = place.values()
        await revoke_in_cache(values, place.keys, digest)
        await values.close()
        place.clock.now += 1
        assert status(await ask(access, key)) == 401
        assert status(await ask(access, key)) == 401
        async with place.access() as other:
            assert status(await ask(other, key)) == 401
    assert await place.uses() == [("anna", 1, 1)]


async def test_a_revoked_key_ends_within_five_minutes_where_nothing_is_shared(
    place: Place, key: str
) -> None:
    async with place.access(shared=False) as access, place.tables() as tables:
        assert status(await ask(access, key)) == 200
        await tables.revoke("anna")
        place.clock.now += 299
        assert status(await ask(access, key)) == 200
        place.clock.now += 1
        assert status(await ask(access, key)) == 401


async def test_who_writes_counts_hears_that_a_key_is_revoked(place: Place, key: str) -> None:
    async with place.access(shared=False) as access, place.tables() as tables:
        for _ in range(2):
            assert status(await ask(access, key)) == 200
        await tables.revoke("anna")
        await access.write_counts()
        assert status(await ask(access, key)) == 401


async def test_who_found_a_key_valid_does_not_take_its_end_back(place: Place, key: str) -> None:
    values = place.values()

    class Overtaken(KeyTables):
        async def use(self, uses: Any) -> dict[bytes, Key]:
            found = await super().use(uses)
            await revoke_in_cache(values, place.keys, await self.revoke("anna"))
            return found

    async with place.database() as database:
        late = KnownKeys(Overtaken(database), values, place.keys, place.clock)
        assert await late.find(hash_of(key), 1)
        place.clock.now += 1
        assert await late.find(hash_of(key), 1) is None
    await values.close()


async def test_a_known_key_goes_on_without_postgresql_and_others_hear_so(
    place: Place, key: str
) -> None:
    async with place.database() as database:
        breaking = BreakingTables(database)
        values = place.values(shared=False)
        known = KnownKeys(breaking, values, place.keys, place.clock)
        access = Access(known, RateLimiter(values, place.keys), LIMITED, shared=False)
        assert status(await ask(access, key)) == 200
        breaking.broken = True
        assert status(await ask(access, key)) == 200
        await access.write_counts()
        unheard = await ask(access, "wx_another")
        assert (status(unheard), said(unheard)) == (
            503,
            {"message": "a database cannot be asked at the moment"},
        )
        breaking.broken = False
        await access.write_counts()
    assert await place.uses() == [("anna", 2, 2)]


class BreakingTables(KeyTables):
    """Tables that cannot be asked while they are ``broken``."""

    broken = False

    async def use(self, uses: Any) -> dict[bytes, Key]:
        if self.broken:
            raise TransientError("PostgreSQL is away")
        return await super().use(uses)


async def test_anonymous_access_is_a_setting(place: Place, key: str) -> None:
    async with place.access(replace(LIMITED, anonymous=False)) as access:
        refused = await ask(access)
        assert (status(refused), said(refused)) == (
            401,
            {"message": "You must authenticate to access this resource."},
        )
        assert status(await ask(access, "a-token-of-discogs-own")) == 401
        assert status(await ask(access, cost=Cost.FREE)) == 200
        assert status(await ask(access, key)) == 200
    async with place.access() as access:
        assert status(await ask(access)) == 200
        assert status(await ask(access, "a-token-of-discogs-own")) == 200
        assert status(await ask(access, "wx_nobody-has-this")) == 401


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


async def test_without_the_right_to_keep_keys_all_but_they_work(place: Place) -> None:
    async with restricted(place.url) as url:
        poor = replace(place, url=url)
        async with poor.access() as access:
            assert status(await ask(access)) == 200
            assert status(await ask(access, "wx_any")) == 401
        with pytest.raises(ServerError, match="no rights on the schema reading"):
            async with poor.access(Rules(anonymous=False)):
                pytest.fail("it opened")


async def test_a_role_that_owns_the_schema_is_enough(place: Place) -> None:
    async with restricted(place.url, "CREATE SCHEMA reading AUTHORIZATION {role}") as url:
        owner = replace(place, url=url)
        async with owner.tables() as tables:
            key = await tables.create("anna", None)
            assert await tables.use([Use(hash_of(key), 2, 3), Use(hash_of(key), 1, 1)])
            assert await place.uses() == [("anna", 3, 4)]


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
