"""The pool of sessions: every call has a deadline, every failure is one of ours."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit, urlunsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from common import faultpoints
from common.errors import ServerError
from common.postgres.errors import translated
from common.postgres.options import target_of
from config.servers import ServerAccess, redact

Session: TypeAlias = PoolConnectionProxy
"""A connection lent by the pool."""

PATIENCE_SECONDS = 5.0
"""How long a rollback or the closing of the pool may take.

Also how much longer than the server the client waits: it should be the server that gives up.
"""


STATEMENTS_KEPT = 512
"""Prepared statements a session keeps: more than we have, for a COPY is one per table too."""


_LONGEST = 2**31 - 1  # ms, of the server's time limits


class Database:
    """At most so many sessions of one PostgreSQL database.

    ``own`` are settings of the server's beside the limits of time.  Sessions that are ``kept`` as
    they are between two users save a round trip: whoever uses them leaves nothing behind.
    """

    def __init__(
        self,
        server: ServerAccess,
        sessions: int,
        own: Mapping[str, str] | None = None,
        *,
        kept: bool = False,
    ) -> None:
        target = target_of(_trusting(server.url, server.ca_file))
        self._url = target.url
        self._name = target.application_name or "waxline"
        self._size = sessions
        self._own = own or {}
        self._reset = _keep if kept else self._set_anew
        self._deadline = server.timeout
        self._connect_deadline = target.connect_timeout or server.connect_timeout
        self.patience = min(PATIENCE_SECONDS, self._deadline)
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self.server = _place(self._url)

    async def open(self) -> None:
        """Connect; raise `TransientError` or `ServerError` when that is not possible."""
        with translated(self.server):
            async with asyncio.timeout(self._connect_deadline + self.patience):
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=self._size,
                    timeout=self._connect_deadline,
                    command_timeout=self._deadline + self.patience,
                    statement_cache_size=STATEMENTS_KEPT,
                    server_settings={"application_name": self._name},
                    init=self._configure,
                    reset=self._reset,
                )

    async def close(self) -> None:
        """Close the pool; a server that hangs is left after some seconds."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(self.patience):
                await pool.close()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pool.terminate()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Lend a session; raise what goes wrong with it as an error of ours."""
        if self._pool is None:
            raise ServerError(f"the connection to PostgreSQL at {self.server} is not open")
        pool = self._pool
        with translated(self.server):
            connection = await pool.acquire(timeout=self._deadline)
            try:
                yield connection
            finally:
                await pool.release(connection, timeout=self.patience)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Lend a session inside a transaction, committed when the ``with`` ends well."""
        async with self.session() as connection:
            committed = False
            try:
                await connection.execute("BEGIN")
                yield connection
                faultpoints.passing("postgres.committing")
                await connection.execute("COMMIT")
                faultpoints.passing("postgres.committed")
                committed = True
            finally:
                if not committed:
                    await self._abandon(connection)

    async def _abandon(self, connection: Session) -> None:
        """Roll back; a session that cannot even do that in time is closed.

        The driver's own transaction would wait for a frozen server without a deadline.
        """
        try:
            async with asyncio.timeout(self.patience):
                await connection.execute("ROLLBACK")
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            # One that the server has ended is no longer ours: why it did is for the caller to hear.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()

    async def _configure(self, session: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Set what our sessions need, as poolers refuse it when a connection is made."""
        await session.execute(self._settings())

    async def _set_anew(self, session: "asyncpg.Connection[asyncpg.Record]") -> None:
        await session.execute(f"{session.get_reset_query()}\n{self._settings()}")

    def _settings(self) -> str:
        milliseconds = min(max(1, int(self._deadline * 1000)), _LONGEST)
        values = {
            "statement_timeout": str(milliseconds),
            "lock_timeout": str(max(1, milliseconds // 4)),
            "idle_in_transaction_session_timeout": str(milliseconds),
            # Our statements are many and short, or bound by reading: compiling costs more.
            "jit": "off",
            **self._own,
        }
        return "\n".join(f"SET {name} = '{value}';" for name, value in values.items())


async def _keep(session: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Leave a session as it is."""


def _trusting(url: str, ca_file: Path | None) -> str:
    """Return the URL with the authority to trust, unless it names one itself.

    What is checked is for ``sslmode`` to say: below ``require`` nothing is.
    """
    if ca_file is None or "sslrootcert=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'sslrootcert': str(ca_file)})}"


def _place(url: str) -> str:
    """Return host, port and database, without user, password and options."""
    try:
        parts = urlsplit(redact(url))
    except ValueError:
        return "postgres_url"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(("", "", f"{host}{parts.path}", "", ""))
