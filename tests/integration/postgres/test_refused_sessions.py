"""What it is taken for when PostgreSQL gives no session, provoked on the real server."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from common.errors import ServerError, TransientError, WaxlineError
from common.postgres.database import Database
from config.servers import with_password
from config.settings import load_settings
from tests.integration.postgres.writing import assert_taken_for
from tests.isolation import execute

LIMITED = "limited"
"""A user, of whom each test's database has one."""


@pytest.fixture
def postgres_template() -> str:
    """Begin with an empty database: the errors need a table of their own."""
    return "template1"


@pytest.fixture
async def limited_url(postgres_url: str) -> AsyncIterator[str]:
    """URL of a database, as a user who may do nothing by himself."""
    place = urlsplit(postgres_url)
    name = f"{LIMITED}_{place.path.strip('/')}"
    await execute(postgres_url, f"CREATE USER {name} PASSWORD 'canary'")
    host = place.netloc.rpartition("@")[2]
    yield place._replace(netloc=f"{name}:canary@{host}").geturl()
    await execute(postgres_url, f"DROP OWNED BY {name}; DROP USER {name}")


async def refused(url: str) -> BaseException:
    """Return why sessions cannot be opened."""
    database = Database(load_settings(postgres_url=url).server("postgres"), sessions=4)
    with pytest.raises(WaxlineError) as caught:
        await database.open()
    await database.close()
    assert "canary" not in str(caught.value)
    return caught.value


async def test_a_wrong_password(limited_url: str) -> None:
    error = await refused(with_password(limited_url, "canary-too"))
    assert_taken_for(error, ServerError, "28P01")


async def test_a_database_that_is_not_there(limited_url: str) -> None:
    assert_taken_for(await refused(f"{limited_url}_not"), ServerError, "3D000")


async def test_a_user_who_may_not_connect(limited_url: str, postgres_url: str) -> None:
    place = urlsplit(limited_url)
    await execute(postgres_url, f"ALTER USER {place.username} NOLOGIN")
    assert_taken_for(await refused(limited_url), ServerError, "28000")


async def test_too_many_sessions(limited_url: str, postgres_url: str) -> None:
    place = urlsplit(limited_url)
    await execute(postgres_url, f"ALTER USER {place.username} CONNECTION LIMIT 0")
    assert_taken_for(await refused(limited_url), TransientError, "53300")


async def test_a_database_that_is_closed(limited_url: str, postgres_url: str) -> None:
    name = urlsplit(postgres_url).path.strip("/")
    server = f"{postgres_url.rpartition('/')[0]}/postgres"
    await execute(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        assert_taken_for(await refused(limited_url), ServerError, "55000")
    finally:
        await execute(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
