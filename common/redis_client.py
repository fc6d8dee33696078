"""Clients of servers that speak Redis' protocol: Dragonfly, Valkey and Redis itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from common.errors import ServerError, TransientError
from common.tls import distrust
from config.servers import redact

_REFUSALS = (
    redis.exceptions.AuthenticationError,
    redis.exceptions.AuthorizationError,
    redis.exceptions.NoPermissionError,
)
_UNREACHABLE = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError)
_CLUSTERED = (
    redis.exceptions.MovedError,
    redis.exceptions.AskError,
    redis.exceptions.TryAgainError,
    redis.exceptions.ClusterDownError,
    redis.exceptions.ClusterCrossSlotError,
)
_OPTIONS = {"client_name", "db", "health_check_interval", "password", "username"}
"""What may stand in the query of a URL."""
_TLS_OPTIONS = {
    "ssl_ca_certs",
    "ssl_ca_data",
    "ssl_ca_path",
    "ssl_cert_reqs",
    "ssl_certfile",
    "ssl_check_hostname",
    "ssl_keyfile",
}
_PASSING = ("NOREPLICAS", "BUSY ", "UNBLOCKED")
"""Codes for which the driver has no class, of what passes by itself."""
_OOM = re.compile(r"\bOOM\b")


def open_client(
    url: str,
    connect_timeout: float,
    ca_file: Path | None = None,
    most_connections: int | None = None,
) -> Redis:
    """Return a client; it connects on first use.  ``connect_timeout`` is in seconds.

    A call has no time-out of the driver's: Python 3.11's ``wait_for``, which that would use, loses
    a cancellation that comes as the call ends.  Every call has its deadline from `translated`.

    ``ca_file`` is for rediss: an authority to be trusted beside those of the system.

    With ``most_connections`` who finds none free waits for one; the driver's own limit would raise.

    The driver repeats nothing by itself, so that what is repeated stands in one place: here.
    RESP2 gives the same reply shapes on every server and driver version.
    """
    _check_options(url)
    try:
        # A wait for a connection has no deadline there, as a call has one of ours.
        waiting = {"max_connections": most_connections, "timeout": None}
        kind = BlockingConnectionPool if most_connections else ConnectionPool
        pool: Any = kind.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=connect_timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            **_trust(url, ca_file),
            **(waiting if most_connections else {}),
        )
        pool.make_connection()  # it does not connect, and refuses bad options
    except (ValueError, TypeError, redis.exceptions.RedisError):
        # The driver's sentence may quote the URL, and with it the password.
        raise ServerError(f"{shown(url)} is not a URL of Dragonfly, Valkey or Redis") from None
    return Redis.from_pool(pool)


def _check_options(url: str) -> None:
    """Raise `ServerError` for an option that the driver does not know, or that is ours to set."""
    parts = urlsplit(url)
    known = _OPTIONS | (_TLS_OPTIONS if parts.scheme == "rediss" else set())
    unknown = sorted(parse_qs(parts.query, keep_blank_values=True).keys() - known)
    if unknown:
        raise ServerError(
            f"{shown(url)} has options that are not known here: {', '.join(unknown)}; "
            f"known are {', '.join(sorted(known))}"
        )


def _trust(url: str, ca_file: Path | None) -> dict[str, Any]:
    # Without TLS the driver knows no such option.
    return {"ssl_ca_certs": str(ca_file)} if ca_file and url.startswith("rediss:") else {}


def shown(url: str) -> str:
    """Return the URL without its password, which may stand in the query too."""
    return redact(url.partition("?")[0])


@asynccontextmanager
async def translated(
    where: str,
    timeout: float,  # noqa: ASYNC109 - belongs to the block, not to this function
    lost: type[TransientError] = TransientError,
    full: type[TransientError] = TransientError,
) -> AsyncIterator[None]:
    """Give a block of calls a deadline in seconds and translate the driver's errors.

    Raises ``lost`` without an answer, ``full`` when the server's memory is full, and
    `ServerError` for what will not pass by itself.
    """
    try:
        async with asyncio.timeout(timeout):
            yield
    except (redis.exceptions.RedisError, OSError) as error:
        raise translation(where, error, lost, full) from error


def translation(
    where: str,
    error: redis.exceptions.RedisError | OSError,
    lost: type[TransientError] = TransientError,
    full: type[TransientError] = TransientError,
) -> ServerError:
    """Return what a driver's error means; see `translated`."""
    said = _said(error)
    # On a Unix socket the driver hides a refusal in a ConnectionError.
    if isinstance(error, _REFUSALS) or isinstance(error.__cause__, _REFUSALS):
        return ServerError(f"{where} refuses us: {said}")
    if isinstance(error, _UNREACHABLE):
        if doubt := distrust(error):
            return ServerError(f"{where} cannot be used: {doubt}")
        return lost(f"{where} does not answer: {said or 'deadline'}")
    if _is_memory_full(error):
        return full(f"{where} has no memory left")
    if "MISCONF" in said:  # a pipeline, a script or an EXECABORT each wrap this code
        return full(f"{where} cannot write to its disk, which may be full")
    if isinstance(error, redis.exceptions.ReadOnlyError):
        return lost(f"{where} is read-only at the moment")
    if isinstance(error, redis.exceptions.MasterDownError) or said.startswith(_PASSING):
        return lost(f"{where} is not ready: {said}")
    if isinstance(error, _CLUSTERED):
        return ServerError(
            f"{where} is in cluster mode ({said}), where one command cannot reach every key: "
            "use a server without cluster mode"
        )
    return ServerError(f"{where} refuses a command: {said}")


def _said(error: Exception) -> str:
    """Return the server's own words: a pipeline puts the command, with its data, before them."""
    _, quoted, words = str(error).rpartition(" caused error: ")
    return words.strip("(,)'\"") if quoted else words


def _is_memory_full(error: Exception) -> bool:
    """Tell whether the memory is full, in the words of any of the servers.

    Redis and Valkey have the code OOM; it ends up inside the text of an EXECABORT, and of a
    script's error.  Dragonfly has no code: ``ERR Out of memory``.
    """
    said = _said(error)
    return (
        isinstance(error, redis.exceptions.OutOfMemoryError)
        or _OOM.search(said) is not None
        or "out of memory" in said.lower()
    )
