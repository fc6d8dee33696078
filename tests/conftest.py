"""Real servers, each started once at its first use, and empty for every test that asks."""

import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import redis
from hypothesis import HealthCheck, settings

from config.settings import load_settings
from loaders.postgres import PostgresSink
from tests.certificates import SecureNeo4j, SecureRabbitMQ
from tests.environment import clear_environment
from tests.isolation import empty_graph, execute, url_of, wipe_graph
from tests.memory import free_memory, kept_in_memory
from tests.servers import REPOSITORY, ShortLivedArcadeDB, ShortLivedPostgres, started
from tests.workers import FilesAndServers
from waxline.servers.process import ChildProcess
from waxline.servers.server import Server
from waxline.servers.valkey import Valkey

DEADLINE = 30.0


def pytest_configure() -> None:
    """Begin with a bare environment; terminated, stop the servers, as when interrupted."""
    clear_environment()
    _measure_no_time()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored, by children too
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)  # of a plugin that may be off
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesAndServers:
    """Say which worker gets which tests."""
    return FilesAndServers(config, log)


def _measure_no_time() -> None:
    """Let an example take as long as it does: on a busy machine that says nothing of the code."""
    settings.register_profile(
        "waxline", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("waxline")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what is left of the servers of a worker that was killed: an interrupted one has 5 s."""
    if config.pluginmanager.hasplugin("dsession"):
        folders = config._tmp_path_factory  # type: ignore[attr-defined]  # not public, but there
        for pid_file in folders.getbasetemp().rglob("*.pid"):
            if pid_file.read_text(encoding="utf-8").startswith("{"):  # ours, not a server's own
                ChildProcess(pid_file.stem, pid_file.parent).stop(signal.SIGKILL, DEADLINE)
    free_memory()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PostgreSQL, shared by the whole session."""
    server = ShortLivedPostgres("postgres", tmp_path_factory.mktemp("servers"))
    with kept_in_memory(server.folder), started(server):
        yield server


@pytest.fixture(scope="session")
def arcadedb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """ArcadeDB, shared by the whole session."""
    with started(ShortLivedArcadeDB("arcadedb", tmp_path_factory.mktemp("servers"))) as server:
        yield server


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureNeo4j]:
    """Neo4j, shared by the whole session."""
    with started(SecureNeo4j("neo4j", tmp_path_factory.mktemp("servers"))) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Valkey, shared by the whole session."""
    with started(Valkey("valkey", tmp_path_factory.mktemp("servers"))) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureRabbitMQ]:
    """RabbitMQ, shared by the whole session."""
    with started(SecureRabbitMQ("rabbitmq", tmp_path_factory.mktemp("servers"))) as server:
        yield server


@pytest.fixture(scope="session")
def serial() -> Iterator[int]:
    """Numbers that no other test of the session has."""
    return itertools.count(1)


@pytest.fixture
def postgres_template() -> str:
    """Name of the database that a test's own is a copy of: an empty one, unless overridden."""
    return "template1"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def made_postgres(postgres_server: Server) -> str:
    """Name of a database in which a sink has made its schema, to be copied, not used.

    To make the tables takes longer than to copy them.
    """
    shared, name = url_of(postgres_server), "made"
    await execute(shared, f"CREATE DATABASE {name} STRATEGY file_copy")
    sink = PostgresSink(
        load_settings(postgres_url=f"{shared.rpartition('/')[0]}/{name}").sink("postgres")
    )
    await sink.open()
    await sink.close()
    return name


@pytest.fixture
async def postgres_url(
    postgres_server: Server, postgres_template: str, serial: Iterator[int]
) -> AsyncIterator[str]:
    """URL of a fresh PostgreSQL database."""
    shared, name = url_of(postgres_server), f"test{next(serial)}"
    await execute(shared, f"CREATE DATABASE {name} TEMPLATE {postgres_template} STRATEGY file_copy")
    yield f"{shared.rpartition('/')[0]}/{name}"
    await execute(shared, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def neo4j_url(neo4j_server: Server) -> str:
    """URL of an empty Neo4j; of constraints it has what a loader made before, or none.

    They take Neo4j half a second to make, and with new ones it plans every statement anew.
    """
    empty_graph(url_of(neo4j_server))
    return url_of(neo4j_server)


@pytest.fixture
def bare_neo4j_url(neo4j_server: Server) -> Iterator[str]:
    """URL of an empty Neo4j without constraints, for a test that makes some of its own."""
    wipe_graph(url_of(neo4j_server))
    yield url_of(neo4j_server)
    wipe_graph(url_of(neo4j_server))


@pytest.fixture
def arcadedb_url(arcadedb_server: Server) -> str:
    """URL of an empty ArcadeDB; of constraints it has what a loader made before, or none."""
    empty_graph(url_of(arcadedb_server))
    return url_of(arcadedb_server)


@pytest.fixture
def bare_arcadedb_url(arcadedb_server: Server) -> Iterator[str]:
    """URL of an empty ArcadeDB without constraints."""
    wipe_graph(url_of(arcadedb_server))
    yield url_of(arcadedb_server)
    wipe_graph(url_of(arcadedb_server))


@pytest.fixture(params=["neo4j", "arcadedb"])
def graph_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty graph: a test that asks for it runs on Neo4j and on ArcadeDB."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def valkey_url(valkey_server: Server) -> str:
    """URL of an empty Valkey, database 0; the others are empty too."""
    with redis.Redis.from_url(url_of(valkey_server), socket_timeout=DEADLINE) as client:
        client.flushall()
    return url_of(valkey_server)


@pytest.fixture
def rabbitmq_url(rabbitmq_server: SecureRabbitMQ, serial: Iterator[int]) -> Iterator[str]:
    """URL of a fresh virtual host of RabbitMQ."""
    name = f"test{next(serial)}"
    user, host = f'<<"{rabbitmq_server.user}">>', f'<<"{name}">>'
    everything = ", ".join(['<<".*">>'] * 3)
    rabbitmq_server.evaluate(
        f"rabbit_vhost:add({host}, {user}), rabbit_auth_backend_internal:"
        f"set_permissions({user}, {host}, {everything}, {user})."
    )
    yield f"{url_of(rabbitmq_server)}/{name}"
    rabbitmq_server.evaluate(f"rabbit_vhost:delete({host}, {user}).")


@pytest.fixture(params=["streams", "rabbitmq"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """URL of empty queues, on either broker."""
    if request.param == "streams":
        return f"{request.getfixturevalue('valkey_url')}/1"
    url: str = request.getfixturevalue("rabbitmq_url")
    return url


@pytest.fixture(scope="session")
def excerpts() -> Path:
    """Folder of excerpts of real Discogs dumps; WAXTEST_EXCERPTS says where it is."""
    named = os.environ.get("WAXTEST_EXCERPTS", "../shared/data/discogs")
    folder = (REPOSITORY / named).resolve()
    if not folder.is_dir():
        pytest.skip(f"no excerpts of Discogs dumps in {folder} (WAXTEST_EXCERPTS)")
    return folder
