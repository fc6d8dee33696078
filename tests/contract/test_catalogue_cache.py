"""What the catalogue's cache promises: what was filled late, or lost on the way, is never old."""

import asyncio
from collections.abc import Callable

import pytest

from common.cache import Values
from common.cache.catalogue import LAYER, CatalogueCache
from common.cache.compression import Codec
from common.cache.keys import FORMS, CatalogueKeys, DerivedPlace, Kind, RecordPlace, digest_of
from common.cache.statistics import Hits
from common.entities import Entity

RELEASE = Entity.RELEASE
PLACE = RecordPlace(RELEASE, 1, "v1")
OTHER = RecordPlace(RELEASE, 2, "v1")

Connect = Callable[[], CatalogueCache]


@pytest.fixture
def connect(values: Values, identity: str) -> Connect:
    """Gives the caches of as many processes as a test wants, which follow from 100 on."""

    def one() -> CatalogueCache:
        cache = CatalogueCache(values, identity, Codec(None), Hits())
        for entity in Entity:
            cache.follow(entity, 100)
        return cache

    return one


@pytest.fixture
def cache(connect: Connect) -> CatalogueCache:
    return connect()


async def test_an_answer_is_kept_by_its_place(cache: CatalogueCache) -> None:
    assert await cache.get(PLACE) is None
    assert await cache.fill(PLACE, b"one" * 500, 100)
    assert await cache.get(PLACE) == b"one" * 500
    for other in (OTHER, RecordPlace(RELEASE, 1, "discogs"), RecordPlace(Entity.LABEL, 1, "v1")):
        assert await cache.get(other) is None


async def test_nothing_is_given_before_it_is_known_to_be_true(
    values: Values, connect: Connect, identity: str
) -> None:
    assert await connect().fill(PLACE, b"one", 100)
    fresh = CatalogueCache(values, identity, Codec(None), Hits())
    assert await fresh.get(PLACE) is None
    assert not await fresh.fill(PLACE, b"one", 100)
    assert await fresh.applied(RELEASE) == 100
    assert await fresh.applied(Entity.LABEL) is None
    fresh.follow(RELEASE, 100)
    assert await fresh.get(PLACE) == b"one"


async def test_what_changed_is_dropped_in_every_form(cache: CatalogueCache) -> None:
    for form in FORMS:
        await cache.fill(RecordPlace(RELEASE, 1, form), b"old", 100)
    await cache.fill(OTHER, b"other", 100)
    await cache.drop(RELEASE, [1, 3], 101)
    for form in FORMS:
        assert await cache.get(RecordPlace(RELEASE, 1, form)) is None
    assert await cache.get(OTHER) == b"other"
    assert await cache.applied(RELEASE) == 101


async def test_a_change_under_way_costs_no_other_answer(connect: Connect) -> None:
    one, other = connect(), connect()
    await one.fill(PLACE, b"one", 100)
    for sequence in range(101, 111):
        drops = [cache.drop(RELEASE, [2], sequence) for cache in (one, other)]
        await asyncio.gather(*drops, *(cache.get(PLACE) for cache in [one, other] * 5))
    assert await one.get(PLACE) == b"one"


async def test_drops_at_once_are_all_done(cache: CatalogueCache) -> None:
    for number in range(1, 30):
        await cache.fill(RecordPlace(RELEASE, number, "v1"), b"old", 100)
    drops = [cache.drop(RELEASE, [number], 100 + number) for number in range(1, 30)]
    await asyncio.gather(*drops)
    assert await cache.applied(RELEASE) == 129
    for number in range(1, 30):
        assert await cache.get(RecordPlace(RELEASE, number, "v1")) is None


async def test_an_old_value_filled_late_is_refused(connect: Connect) -> None:
    follower, late = connect(), connect()
    await late.get(PLACE)  # it was there before the change
    await follower.drop(RELEASE, [1], 101)
    assert not await late.fill(PLACE, b"old", 100)
    assert await late.get(PLACE) is None
    assert await late.fill(PLACE, b"new", 101)
    assert await follower.get(PLACE) == b"new"


async def test_a_slow_follower_takes_no_tombstone_back(connect: Connect) -> None:
    fast, slow, late = connect(), connect(), connect()
    await late.get(PLACE)
    await fast.drop(RELEASE, [1], 101)
    await fast.drop(RELEASE, [1], 103)
    await slow.drop(RELEASE, [1], 101)
    assert not await late.fill(PLACE, b"old", 102)
    assert await slow.applied(RELEASE) == 103
    assert await late.fill(PLACE, b"new", 103)


async def test_an_evicted_tombstone_is_remembered_where_it_was_made(
    cache: CatalogueCache, values: Values, identity: str
) -> None:
    await cache.get(PLACE)
    await cache.drop(RELEASE, [1], 101)
    assert await values.delete(CatalogueKeys(identity).tombstone(RELEASE, 1)) == 1
    assert not await cache.fill(PLACE, b"old", 100)


async def test_everything_of_an_entity_is_dropped_at_once(connect: Connect) -> None:
    first, second = connect(), connect()
    label = RecordPlace(Entity.LABEL, 1, "v1")
    for place in (PLACE, label):
        assert await first.fill(place, b"old", 100)
    await second.get(PLACE)
    await first.drop_all(RELEASE, 105)
    assert await first.get(PLACE) is None
    assert await second.get(PLACE) is None
    assert not await second.fill(PLACE, b"old", 104)
    assert await second.fill(PLACE, b"new", 105)
    await second.drop_all(RELEASE, 105)  # the same row of the feed, in another process
    assert await first.get(PLACE) == b"new"
    assert await first.get(label) == b"old"


async def test_a_restored_database_gets_a_generation_of_its_own(connect: Connect) -> None:
    first, second = connect(), connect()
    await first.drop(RELEASE, [7], 500)
    await second.drop(RELEASE, [7], 500)
    assert await first.fill(PLACE, b"of a history that is gone", 500)
    await first.drop_all(RELEASE, 300)
    assert await first.get(PLACE) is None
    assert await first.fill(PLACE, b"new", 300)
    assert await first.get(PLACE) == b"new"
    assert await second.get(PLACE) is None  # it does not know yet, and tells so
    await second.drop_all(RELEASE, 300)
    assert await second.get(PLACE) is None
    await first.drop(RELEASE, [2], 301)
    await second.drop(RELEASE, [2], 301)
    assert await second.fill(PLACE, b"new", 301)
    assert await first.get(PLACE) == b"new"


async def test_who_begins_after_a_restored_database_finds_nothing_of_before(
    connect: Connect, values: Values, identity: str
) -> None:
    before = connect()
    await before.drop_all(RELEASE, 400)
    assert await before.fill(PLACE, b"of a history that is gone", 400)
    fresh = CatalogueCache(values, identity, Codec(None), Hits())
    assert await fresh.applied(RELEASE) == 400
    await fresh.drop_all(RELEASE, 300)
    assert await fresh.get(PLACE) is None
    assert await fresh.applied(RELEASE) == 300
    assert await fresh.fill(PLACE, b"new", 300)


async def test_an_emptied_place_is_filled_anew(
    cache: CatalogueCache, values: Values, identity: str
) -> None:
    await cache.fill(PLACE, b"old", 100)
    await cache.drop(RELEASE, [2], 101)
    async for keys in values.scan(f"wx:{identity}:*"):
        await values.delete(*keys)
    assert not await cache.fill(PLACE, b"old", 100)
    assert await cache.get(PLACE) is None
    assert await cache.fill(PLACE, b"new", 101)
    assert await cache.get(PLACE) == b"new"


async def test_a_place_restored_to_an_old_snapshot_gives_nothing_old(
    connect: Connect, values: Values, identity: str
) -> None:
    first, second = connect(), connect()
    await first.fill(PLACE, b"old", 100)
    snapshot = await dump(values, identity)
    for cache in (first, second):
        await cache.drop(RELEASE, [1], 101)
    await first.fill(PLACE, b"new", 101)
    await restore(values, identity, snapshot)
    assert await first.get(PLACE) is None
    assert await second.get(PLACE) is None
    assert await second.fill(PLACE, b"new", 101)
    assert await first.get(PLACE) == b"new"


async def test_a_change_after_an_old_snapshot_does_not_hide_those_before(
    cache: CatalogueCache, values: Values, identity: str
) -> None:
    await cache.fill(PLACE, b"old", 100)
    snapshot = await dump(values, identity)
    await cache.drop(RELEASE, [1], 101)
    await restore(values, identity, snapshot)
    await cache.drop(RELEASE, [2], 102)
    assert await cache.get(PLACE) is None


async def dump(values: Values, identity: str) -> dict[str, bytes]:
    names = [key async for keys in values.scan(f"wx:{identity}:*") for key in keys]
    held = zip(names, await values.mget(names), strict=True)
    return {name: value for name, value in held if value is not None}


async def restore(values: Values, identity: str, snapshot: dict[str, bytes]) -> None:
    async for keys in values.scan(f"wx:{identity}:*"):
        await values.delete(*keys)
    await values.mset(snapshot, 60)


async def test_derived_answers_are_kept_by_their_generation(cache: CatalogueCache) -> None:
    place = DerivedPlace(Kind.SEARCH, "g1", digest_of("q=nevermind"))
    assert await cache.get(place) is None
    assert await cache.fill(place, b"hits", 0)
    assert await cache.get(place) == b"hits"
    assert await cache.get(DerivedPlace(Kind.SEARCH, "g2", place.digest)) is None
    assert await cache.get(DerivedPlace(Kind.LIST, "g1", place.digest)) is None


async def test_times_to_live_are_those_of_the_kind_and_are_spread(
    cache: CatalogueCache, values: Values, identity: str
) -> None:
    keys = CatalogueKeys(identity)
    for number in range(1, 40):
        await cache.fill(RecordPlace(RELEASE, number, "v1"), b"one", 100)
    left = [await values.ttl(keys.record(RELEASE, number, "v1")) or 0 for number in range(1, 40)]
    assert Kind.RECORD.seconds * 0.89 < min(left) < Kind.RECORD.seconds
    assert Kind.RECORD.seconds < max(left) <= Kind.RECORD.seconds * 1.1
    await cache.fill(PLACE, b"absent", 100, Kind.ABSENT.seconds)
    assert 50 < (await values.ttl(keys.of(PLACE)) or 0) <= 66


async def test_what_cannot_be_read_is_a_miss(
    cache: CatalogueCache, values: Values, identity: str
) -> None:
    key, value = CatalogueKeys(identity).of(PLACE), b"answer " * 1_000
    assert await cache.fill(PLACE, value, 100)
    packed = await values.get(key)
    assert packed is not None
    assert len(packed) < len(value) / 10
    for spoilt in (b"", packed[:8], packed[:9], packed[:-1], packed[:-8] + bytes(8), bytes(99)):
        await values.set(key, spoilt, 60)
        assert await cache.get(PLACE) is None
    await values.set(CatalogueKeys(identity).state(RELEASE), b"what is this", 60)
    assert await cache.get(PLACE) is None
    assert await cache.fill(PLACE, value, 100)
    assert await cache.get(PLACE) == value


async def test_a_value_of_more_than_a_megabyte_is_not_kept(cache: CatalogueCache) -> None:
    assert not await cache.fill(PLACE, b"x" * 1_000_001, 100)
    assert await cache.fill(PLACE, b"x" * 1_000_000, 100)


async def test_hits_are_counted_by_kind(values: Values, identity: str) -> None:
    hits = Hits()
    cache = CatalogueCache(values, identity, Codec(None), hits)
    cache.follow(RELEASE, 100)
    for _ in range(2):
        await cache.get(PLACE)
        await cache.get(PLACE, again=True)  # which is the same question
        await cache.fill(PLACE, b"one", 100)
    assert [(*share, share.rate) for share in hits.shares()] == [(LAYER, "record", 1, 2, 0.5)]
