"""Keys and their use, on PostgreSQL and on what several processes share."""

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from common.cache.limits import RateLimiter
from common.errors import ServerError, SettingsError, TransientError
from serving.access.admission import Access, Rules
from serving.access.costs import Cost
from serving.access.keys import Key, KeyTables, Use, hash_of
from serving.access.known import KnownKeys, revoke_in_cache
from tests.contract.sinks import connected
from tests.integration.postgres.test_schema import restricted
from tests.serving.access_place import LIMITED, CountingTables, Place, ask, said, status


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
