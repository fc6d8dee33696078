"""The driver, in the one place that uses it: an address, short reads, explicit transactions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

from neo4j import (
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncResult,
    AsyncSession,
    AsyncTransaction,
    TrustCustomCAs,
)

from common import faultpoints
from common.errors import DoubtfulError, SettingsError, TransientError
from config.servers import ServerAccess, redact
from loaders.neo4j.errors import translated
from loaders.portions import in_halves, parts

_T = TypeVar("_T")

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

_ARCADEDB = "ArcadeDB"
"""In the name of a server of that kind, which says that it is Neo4j besides."""

_SPARE_CONNECTIONS = 4
"""For the loop's looks at the bookkeeping beside the writing sessions."""

_IDLE_SECONDS = 30
"""A connection idle for longer is tried before it is used."""

_CLOSE_SECONDS = 3

_AT_ONCE = 5_000
"""Records, or nodes, that one transaction deletes or changes."""

_KEEP_PLAN = "CYPHER replan=skip "
"""Before what Neo4j is to plan once: our writes find all by unique keys, however much there is.

Else it plans them anew again and again while the database grows, a second of the server each.
"""


@dataclass(frozen=True, slots=True)
class Address:
    """What the driver wants apart: the server, who we are, the database (None: its default)."""

    url: str
    auth: tuple[str, str] | None
    database: str | None


def trusting(url: str, ca_file: Path | None) -> tuple[str, dict[str, Any]]:
    """Return a server's URL, and what the driver needs to trust this one authority.

    The driver takes an authority only beside a scheme that says nothing of TLS itself.
    """
    scheme, _, place = url.partition("://")
    if ca_file is None or not scheme.endswith("+s"):
        return url, {}
    trust = {"encrypted": True, "trusted_certificates": TrustCustomCAs(str(ca_file))}
    return f"{scheme.removesuffix('+s')}://{place}", trust


def parse_url(url: str) -> Address:
    """Take a graph URL apart; raise `SettingsError` when it is not one."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise SettingsError(
            f"graph_url {redact(url)} is not <scheme>://user:password@host:port/database "
            f"with a scheme of {', '.join(SCHEMES)}"
        )
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit(parts._replace(netloc=host, path="", fragment=""))
    return Address(bare, auth, unquote(parts.path.strip("/")) or None)


class Graph:
    """A graph server; every call has a deadline and raises errors of ours.

    It lends so many sessions for writing, and some to spare.
    """

    def __init__(self, access: ServerAccess, sessions: int) -> None:
        self._address = parse_url(access.url)
        self.server = f"the graph server at {urlsplit(self._address.url).netloc}"
        self._access = access
        self._sessions = sessions
        self._driver: AsyncDriver | None = None
        self.is_arcadedb = False

    async def open(self) -> None:
        """Connect, and find out what kind of server it is."""
        access = self._access
        url, trust = trusting(self._address.url, access.ca_file)
        with translated(self.server):
            self._driver = AsyncGraphDatabase.driver(
                url,
                auth=self._address.auth,
                connection_timeout=access.connect_timeout,
                connection_acquisition_timeout=access.connect_timeout,
                connection_write_timeout=access.timeout,
                liveness_check_timeout=_IDLE_SECONDS,
                max_connection_pool_size=self._sessions + _SPARE_CONNECTIONS,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                disable_auto_commit_retries=True,
                user_agent="waxline",
                **trust,
            )
            async with self._session(access.connect_timeout) as session:
                result = await session.run("RETURN 1")
                agent = (await result.consume()).server.agent
        self.is_arcadedb = _ARCADEDB in agent

    async def close(self) -> None:
        """Close all connections; a server that hangs is left after some seconds."""
        driver, self._driver = self._driver, None
        if driver is not None:
            with suppress(TransientError), translated(self.server):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await driver.close()

    async def read(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement by itself, and return its records as dictionaries."""
        with translated(self.server):
            async with self._session(self._access.timeout) as session:
                return await (await session.run(statement, parameters)).data()

    async def collect(self, statement: str, **parameters: Any) -> list[Any]:
        """Run one statement that collects all it finds in one list of plain values."""
        with translated(self.server):
            async with self._session(self._access.timeout) as session:
                return await _collected(await session.run(statement, parameters))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Give an explicit transaction: committed at the end, rolled back on any error.

        The driver's own functions that retry are not used: the loop decides what to repeat.
        """
        timeout = self._access.timeout
        with translated(self.server):
            async with (
                self._session(timeout) as session,
                await session.begin_transaction(timeout=timeout) as inner,
            ):
                yield Transaction(inner, "" if self.is_arcadedb else _KEEP_PLAN)
                faultpoints.passing("graph.committing")
                await inner.commit()
                faultpoints.passing("graph.committed")

    @asynccontextmanager
    async def _session(self, deadline: float) -> AsyncIterator[AsyncSession]:
        if self._driver is None:
            raise RuntimeError("the graph is not open")
        async with (
            asyncio.timeout(deadline),
            self._driver.session(database=self._address.database, fetch_size=-1) as session,
        ):
            yield session


async def _collected(result: AsyncResult) -> list[Any]:
    # Not data(): it looks into every value for nodes, which takes longer than the rest.
    (found,) = await result.value()
    return list(found)


class _Unspoken(list[Any]):
    """A list that is not spelt out: the driver makes text of all parameters, logged or not."""

    def __repr__(self) -> str:
        return f"<{len(self)} values>"


class Transaction:
    """Statements within one transaction, each after the words ``before``."""

    def __init__(self, inner: AsyncTransaction, before: str) -> None:
        self._inner = inner
        self._before = before

    async def collect(self, statement: str, **parameters: Any) -> list[Any]:
        """Run a statement that collects all it finds in one list of plain values."""
        return await _collected(await self._inner.run(self._before + statement, parameters))

    async def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement to its end, and return its records as dictionaries."""
        lists = {
            name: _Unspoken(value) for name, value in parameters.items() if isinstance(value, list)
        }
        try:
            result = await self._inner.run(self._before + statement, {**parameters, **lists})
            return await result.data()
        finally:
            # The driver keeps them in cycles: emptied, they leave the collector next to nothing.
            for values in lists.values():
                values.clear()


async def in_parts(
    call: Callable[[Sequence[_T]], Awaitable[int]], items: Sequence[_T], size: int = _AT_ONCE
) -> int:
    """Call with so many items for each transaction, or with fewer where they are too much for one.

    Returns the sum of what the calls return.
    """
    done = [await in_halves(call, part, DoubtfulError) for part in parts(items, size)]
    return sum(map(sum, done))
