"""The places of values that the contracts of the cache run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.cache import Values, open_values
from config.servers import ServerAccess
from config.settings import load_settings
from tests.commands import found as program
from tests.foreign import STORES, foreign
from tests.isolation import url_of
from tests.servers import started
from waxline.servers.server import Server
from waxline.servers.state import Endpoint
from waxline.servers.valkey import Valkey

PATIENCE = 10.0
"""s, deadline of a call where the test is not about deadlines: this machine may be busy."""

SERVERS = ("valkey", "redis", *foreign(STORES))


NOON = 1_700_000_080.0
"""20 seconds of its minute are left."""


class Clock:
    """A clock that is set."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class DistributionRedis(Valkey):
    """The distribution's Redis, on Valkey's configuration."""

    title = "Redis"

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``redis-server`` and the configuration file."""
        del endpoint
        return [program("redis-server"), str(self.folder / "valkey.conf")]


def cache_at(url: str, timeout: float = PATIENCE) -> ServerAccess:
    """Return how a cache is reached."""
    return load_settings(cache_url=url, cache_timeout=timeout).server("cache")


def values_of(request: pytest.FixtureRequest, kind: str) -> Values:
    """Return values on one of `SERVERS`, or in memory."""
    if kind == "memory":
        return open_values(None)
    return open_values(cache_at(server_url(request, kind)))


def server_url(request: pytest.FixtureRequest, kind: str) -> str:
    """Return the URL of one of `SERVERS`."""
    if "://" in kind:
        return kind
    server: Server = request.getfixturevalue(f"{kind}_server")
    return url_of(server)


def started_redis(folder: Path) -> Iterator[Server]:
    """Yield the distribution's Redis."""
    with started(DistributionRedis("redis", folder)) as server:
        yield server
