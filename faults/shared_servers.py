"""The servers that the rounds share: started at their first use, emptied for each round."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

import asyncpg
import psutil
from redis.asyncio import Redis

from faults.replica import Primary
from tests.acceptance.rig import Urls
from tests.isolation import empty_graph, execute, wipe_graph
from tests.rabbitmq import RabbitMQ
from tests.servers import ShortLivedArcadeDB, ShortLivedNeo4j
from waxline.servers.postgres import Postgres
from waxline.servers.server import Server
from waxline.servers.valkey import Valkey

DEADLINE = 60.0
_START_SECONDS = 180.0
"""A killed RabbitMQ or Neo4j recovers first, on a machine that others use too."""

Kind = Literal["installed", "embedded", "replicated"]
"""Which servers a round uses: those of an installation, those of the embedded default, or those of
an installation whose PostgreSQL can have a standby."""

Role = Literal["postgres", "graph", "store", "broker"]
ROLES: tuple[Role, ...] = ("postgres", "graph", "store", "broker")

_WORKS: Mapping[str, Callable[[str, Path], Server]] = {
    "postgres": Postgres,
    "primary": Primary,
    "neo4j": ShortLivedNeo4j,
    "arcadedb": ShortLivedArcadeDB,
    "valkey": Valkey,
    "rabbitmq": RabbitMQ,
}
_INSTALLED: Mapping[Role, str] = {
    "postgres": "postgres",
    "graph": "neo4j",
    "store": "valkey",
    "broker": "rabbitmq",
}
_NAMES: Mapping[Kind, Mapping[Role, str]] = {
    "installed": _INSTALLED,
    "replicated": {**_INSTALLED, "postgres": "primary"},
    "embedded": {
        "postgres": "postgres",
        "graph": "arcadedb",
        "store": "valkey",
        "broker": "valkey",
    },
}


def servers_in(folder: Path) -> dict[str, Server]:
    """Return a server of each kind, to be started when it is needed."""
    servers = {name: made(name, folder) for name, made in _WORKS.items()}
    for server in servers.values():
        server.start_seconds = _START_SECONDS
    return servers


class Machine:
    """Servers by name; one that a round has killed is started again."""

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self.servers = servers
        self._numbers = count(1)
        self._last: dict[str, str] = {}
        """The database or virtual host of the round before, by its server's URL."""

    def server(self, kind: Kind, role: Role) -> Server:
        """Return the server that has this role."""
        return self.servers[_NAMES[kind][role]]

    @property
    def rabbitmq(self) -> RabbitMQ:
        """The RabbitMQ node, to be told things."""
        found = self.servers["rabbitmq"]
        assert isinstance(found, RabbitMQ)
        return found

    async def fresh(self, kind: Kind, *, bare: bool) -> Urls:
        """Return the URLs of empty databases, queues and stores.

        A graph keeps its constraints unless it is to be ``bare``: making them takes a second.
        """
        named = _NAMES[kind]
        names = sorted(set(named.values()))
        with ThreadPoolExecutor(len(names)) as pool:
            started = pool.map(Server.start, [self.servers[name] for name in names])
            urls = dict(zip(names, started, strict=True))
        store = urls["valkey"].rpartition("/")[0]
        async with Redis.from_url(f"{store}/0", socket_timeout=DEADLINE) as client:
            await client.flushall()
        graph = urls[named["graph"]]
        await asyncio.to_thread(wipe_graph if bare else empty_graph, graph)
        broker = await self._fresh_host(urls["rabbitmq"]) if "rabbitmq" in urls else f"{store}/1"
        database = await self._fresh_database(urls[named["postgres"]])
        return Urls(database, graph, f"{store}/0", broker)

    def stop(self) -> None:
        """Stop all servers."""
        with ThreadPoolExecutor(len(self.servers)) as pool:
            list(pool.map(Server.stop, self.servers.values()))

    async def _fresh_database(self, url: str) -> str:
        last, name = self._next_name(url)
        if last:
            await execute(url, f"DROP DATABASE IF EXISTS {last} WITH (FORCE)")
        await execute(url, f"CREATE DATABASE {name}")
        return f"{url.rpartition('/')[0]}/{name}"

    async def _fresh_host(self, url: str) -> str:
        last, name = self._next_name(url)
        await asyncio.to_thread(self._add_host, name, last)
        return f"{url}/{name}"

    def _next_name(self, url: str) -> tuple[str | None, str]:
        """Return the name of the round before on a server, if there was one, and that of this."""
        last, self._last[url] = self._last.get(url), f"round{next(self._numbers)}"
        return last, self._last[url]

    def _add_host(self, name: str, last: str | None) -> None:
        user, everything = f'<<"{self.rabbitmq.user}">>', ", ".join(['<<".*">>'] * 3)
        drop = f'catch rabbit_vhost:delete(<<"{last}">>, {user}), ' if last else ""
        self.rabbitmq.evaluate(
            f'{drop}rabbit_vhost:add(<<"{name}">>, {user}), rabbit_auth_backend_internal:'
            f'set_permissions({user}, <<"{name}">>, {everything}, {user}).'
        )


async def ask_postgres(url: str, question: str) -> Any:
    """Return PostgreSQL's answer: one value."""
    connection = await asyncpg.connect(url, timeout=DEADLINE, command_timeout=DEADLINE)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close(timeout=DEADLINE)


def family(server: Server) -> list[psutil.Process]:
    """Return a server's processes, the first one first."""
    process = server.process.alive()
    assert process is not None, f"{server.title} is gone: {server.process.log_tail()}"
    return [process, *process.children(recursive=True)]


def crash(server: Server) -> None:
    """End a server as kill -9 ends it; return when none of its processes is left."""
    first, *others = family(server)
    first.kill()
    _, left = psutil.wait_procs([first], timeout=DEADLINE)
    assert not left
    # PostgreSQL's end by themselves when they miss the first one, the others' helpers may not.
    _, left = psutil.wait_procs(others, timeout=5)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=DEADLINE)


@asynccontextmanager
async def frozen(server: Server) -> AsyncIterator[None]:
    """Have a server stopped as SIGSTOP stops it for the length of a ``with``."""
    stopped = family(server)
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            if process.is_running():
                process.resume()
