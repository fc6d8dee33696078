"""What a server says of itself by INFO, as each of them says it."""

import pytest

from common.cache.usage import Usage, usage_of


@pytest.mark.parametrize(
    ("said", "usage"),
    [
        (
            {
                "dragonfly_version": "df-v1.39.0",
                "redis_version": "7.4.0",
                "used_memory": 1_000,
                "maxmemory": 2_000,
                "cache_mode": "cache",
                "maxmemory_policy": "eviction",
            },
            Usage("Dragonfly 1.39.0", 1_000, 2_000, evicts=True),
        ),
        (
            {"dragonfly_version": "df-v1.20.1", "cache_mode": "cache"},  # without a policy
            Usage("Dragonfly 1.20.1", 0, 0, evicts=True),
        ),
        (
            {"dragonfly_version": "df-v1.39.0", "cache_mode": "store"},
            Usage("Dragonfly 1.39.0", 0, 0, evicts=False),
        ),
        (
            {
                "redis_version": "7.2.4",
                "valkey_version": "9.0.0",
                "maxmemory_policy": "noeviction",
            },
            Usage("Valkey 9.0.0", 0, 0, evicts=False),
        ),
        (
            {"redis_version": "7.0.15", "maxmemory_policy": "allkeys-lru", "maxmemory": 5},
            Usage("Redis 7.0.15", 0, 5, evicts=True),
        ),
        ({"used_memory": "?"}, Usage("a server that does not tell what it is", 0, 0, evicts=False)),
    ],
)
def test_what_each_says_is_understood(said: dict[str, object], usage: Usage) -> None:
    assert usage_of(said) == usage
