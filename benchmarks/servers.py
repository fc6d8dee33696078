"""Real servers for the pipelines, fresh for each of them: no warm caches, a cold JVM."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import tenacity

from common.errors import ServerError
from tests.rabbitmq import RabbitMQ
from tests.servers import Neo4j
from waxline.servers.arcadedb import ArcadeDB
from waxline.servers.postgres import Postgres
from waxline.servers.server import Server
from waxline.servers.valkey import Valkey
from waxline.servers.wheels import NotInstalledError

_STARTS = 3

Kinds = Mapping[str, Callable[[str, Path], Server]]
"""How to make the server of each role: ``postgres``, ``graph``, ``store``, ``broker``."""

STORE: Kinds = {"store": Valkey}
POSTGRES: Kinds = {"postgres": Postgres}
EMBEDDED: Kinds = {**POSTGRES, "graph": ArcadeDB, "store": Valkey, "broker": Valkey}

_RABBITMQ: Kinds = {**STORE, "broker": RabbitMQ}
_NEO4J: Kinds = {"graph": Neo4j}

TO: Mapping[tuple[str, ...], Kinds] = {
    ("postgres",): {**POSTGRES, **_RABBITMQ},
    ("neo4j",): {**_NEO4J, **_RABBITMQ},
    ("postgres", "neo4j"): {**POSTGRES, **_NEO4J, **_RABBITMQ},
}
"""The servers of a pipeline on RabbitMQ, by its sinks."""

TITLES = {"postgres": "PostgreSQL", "neo4j": "Neo4j"}
"""The names of the sinks' databases, for pages."""


@dataclass(frozen=True)
class Running:
    """Servers that answer: their names, and by role their URLs and process ids."""

    titles: Mapping[str, str]
    urls: Mapping[str, str]
    pids: Mapping[str, int]

    @property
    def settings(self) -> dict[str, str]:
        """The environment that makes the product use them."""
        return {f"WAXLINE_{role.upper()}_URL": url for role, url in self.urls.items()}


@contextmanager
def started(kinds: Kinds, cache: Path) -> Iterator[Running]:
    """Have servers for the length of a ``with``, in a folder that goes with them.

    Raises `waxline.servers.wheels.NotInstalledError` for one that is not on this machine.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache, prefix="servers-") as folder, ExitStack() as stack:
        servers = {role: kind(role, Path(folder)) for role, kind in kinds.items()}
        for server in servers.values():
            stack.callback(server.stop)
        with ThreadPoolExecutor(len(servers)) as pool:
            urls = dict(zip(servers, pool.map(_start, servers.values()), strict=True))
        yield Running(
            titles={role: server.title for role, server in servers.items()},
            urls=urls,
            pids={role: _pid(server) for role, server in servers.items()},
        )


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(ServerError)
    & tenacity.retry_if_not_exception_type(NotInstalledError),
    stop=tenacity.stop_after_attempt(_STARTS),
    reraise=True,
)
def _start(server: Server) -> str:
    """Start a server, again when it does not answer in time: in an hour that happens."""
    return server.start()


def _pid(server: Server) -> int:
    process = server.process.alive()
    assert process is not None, f"{server.title} is gone: {server.process.log_tail()}"
    return process.pid
