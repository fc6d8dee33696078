"""Parts of the cache that need no server: breaker, keys, drops, counts, buckets of limits."""

from common.cache.breaker import FAILURES, PAUSE_SECONDS, Breaker
from common.cache.keys import (
    DERIVED,
    OF_THE_CATALOGUE,
    CatalogueKeys,
    DerivedPlace,
    Keys,
    Kind,
    RecordPlace,
    catalogue_pattern,
    digest_of,
    lifetime,
    literal,
)
from common.cache.limits import MOST_BUCKETS, RateLimiter
from common.cache.memory import MemoryValues
from common.cache.recent_drops import RecentDrops
from common.cache.statistics import Hits, Share, encode_shares, summed
from common.entities import Entity
from tests.contract.caches import Clock


def test_a_server_that_is_gone_is_asked_once_in_a_while() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.lets_through()
        breaker.failed()
    assert breaker.is_open
    for _ in range(3):
        assert not breaker.lets_through()
        clock.now += PAUSE_SECONDS
        assert breaker.lets_through()
        assert not breaker.lets_through()  # the others wait for what this one finds
        breaker.failed()
    clock.now += PAUSE_SECONDS
    assert breaker.lets_through()
    breaker.succeeded()
    assert [breaker.lets_through() for _ in range(3)] == [True] * 3


def test_single_failures_do_not_open_it() -> None:
    breaker = Breaker(Clock())
    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert not breaker.is_open


def test_kinds_have_words_of_their_own_and_live_for_their_time() -> None:
    assert len({kind.word for kind in Kind}) == len(Kind) == len({kind.title for kind in Kind})
    seconds = {kind.title: kind.seconds for kind in Kind}
    assert seconds["record"] == 86_400
    assert (seconds["absent"], seconds["tombstone"], seconds["api-key"]) == (60, 120, 300)
    assert (seconds["session"], seconds["refresh"]) == (86_400, 30 * 86_400)
    assert (seconds["profile"], seconds["preferences"]) == (900, 43_200)
    assert (seconds["search"], seconds["list"], seconds["similar"]) == (600, 300, 3_600)
    assert (seconds["progress"], seconds["active"], seconds["lock"]) == (30, 3_600, 30)
    assert {*DERIVED} < {*OF_THE_CATALOGUE}
    assert Kind.SESSION not in OF_THE_CATALOGUE


def test_keys_are_of_one_database_and_one_namespace() -> None:
    keys = CatalogueKeys("0123456789abcdef")
    place = RecordPlace(Entity.RELEASE, 7, "v1")
    assert keys.of(place) == "wx:01234567:d:release:7:v1"
    assert keys.tombstone(Entity.RELEASE, 7) == "wx:01234567:t:release:7"
    assert keys.of(DerivedPlace(Kind.SEARCH, "g1", "ab")) == "wx:01234567:g1:q:ab"
    assert Keys("shop").of(Kind.LOCK, "x") == "shop:lock:x"
    assert Keys("shop").pattern(Kind.LOCK, "*") == r"shop:lock:\*:*"
    assert Keys("shop").pattern_of("ann") == f"shop:*:{digest_of('ann')}*"


async def test_patterns_find_their_kind() -> None:
    values, keys = MemoryValues(1_000_000), CatalogueKeys("0123456789")
    places = {
        Kind.RECORD: keys.of(RecordPlace(Entity.LABEL, 1, "discogs")),
        Kind.TOMBSTONE: keys.tombstone(Entity.LABEL, 1),
        Kind.STATE: keys.state(Entity.LABEL),
        **{kind: keys.of(DerivedPlace(kind, "g", "d")) for kind in DERIVED},
    }
    await values.mset(dict.fromkeys(places.values(), b"1"), 60)
    for kind, key in places.items():
        assert [found async for found in values.scan(catalogue_pattern(kind))] == [[key]]


def test_a_glob_is_quoted() -> None:
    assert literal(r"a*b?c[d]e\f^g") == r"a\*b\?c\[d\]e\\f\^g"


def test_times_to_live_are_spread() -> None:
    times = [lifetime(100) for _ in range(500)]
    assert 90 <= min(times) < 93 < 107 < max(times) <= 110


def test_drops_that_are_forgotten_count_for_all_of_their_entity() -> None:
    drops = RecentDrops(most=3)
    drops.add(Entity.LABEL, [1, 2], 10)
    drops.add(Entity.RELEASE, [1], 5)
    assert [drops.last(Entity.LABEL, one) for one in (1, 2, 3)] == [10, 10, 0]
    drops.add(Entity.LABEL, [1], 11)
    drops.add(Entity.LABEL, [4], 12)  # now label 2 is the oldest, and goes
    assert [drops.last(Entity.LABEL, one) for one in (1, 2, 3, 4)] == [11, 10, 10, 12]
    assert drops.last(Entity.RELEASE, 1) == 5
    drops.forget(Entity.LABEL, 7)  # the feed has gone back
    assert [drops.last(Entity.LABEL, one) for one in (1, 4)] == [7, 7]
    assert drops.last(Entity.RELEASE, 1) == 5


def test_counts_of_several_processes_are_added() -> None:
    hits = Hits()
    for hit in (True, True, False):
        hits.count("front", "record", hit)
    hits.count("cache", "search", hit=False)
    one = encode_shares(hits.shares())
    spoilt = (None, b"", b"[1]", b'{"a": 1}', b'[["x"]]', b'[[1, 2, "x", 4]]')
    assert summed([one, one, *spoilt]) == [
        Share("cache", "search", 0, 2),
        Share("front", "record", 4, 6),
    ]
    assert [round(share.rate, 2) for share in summed([one])] == [0, 0.67]


async def test_many_callers_take_bounded_memory() -> None:
    clock = Clock()
    limiter = RateLimiter(MemoryValues(1_000_000), Keys("x"), clock=clock)
    for number in range(MOST_BUCKETS + 10_000):
        assert (await limiter.take(str(number), "read", 60)).allowed
    assert len(limiter) == MOST_BUCKETS
    clock.now += 60
    assert limiter.clean() == MOST_BUCKETS
    assert len(limiter) == 0
