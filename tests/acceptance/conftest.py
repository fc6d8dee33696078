"""Rigs on the servers of the embedded default and on those of an installation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.rig import Rig, Urls, rigged


@pytest.fixture
def embedded_urls(postgres_url: str, arcadedb_url: str, valkey_url: str) -> Urls:
    """PostgreSQL, ArcadeDB and, as store and broker, Valkey."""
    return Urls(postgres_url, arcadedb_url, f"{valkey_url}/0", f"{valkey_url}/1")


@pytest.fixture
def installed_urls(postgres_url: str, neo4j_url: str, valkey_url: str, rabbitmq_url: str) -> Urls:
    """PostgreSQL, Neo4j, RabbitMQ and a store."""
    return Urls(postgres_url, neo4j_url, f"{valkey_url}/0", rabbitmq_url)


@pytest.fixture(params=[pytest.param("embedded", marks=pytest.mark.long), "installed"])
def urls(request: pytest.FixtureRequest) -> Urls:
    """The servers: a test that asks for them runs on both sets, most others on the embedded."""
    found: Urls = request.getfixturevalue(f"{request.param}_urls")
    return found


@pytest.fixture
async def rig(urls: Urls, tmp_path: Path) -> AsyncIterator[Rig]:
    """Both loaders at work on either set of servers, empty at first."""
    async with rigged(urls, tmp_path) as found:
        yield found


@pytest.fixture
async def embedded(embedded_urls: Urls, tmp_path: Path) -> AsyncIterator[Rig]:
    """Both loaders at work on the servers of the embedded default, empty at first."""
    async with rigged(embedded_urls, tmp_path) as found:
        yield found
