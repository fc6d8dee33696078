"""Clients of servers that speak Redis' protocol: Dragonfly, Valkey and Redis itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import redis.exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from common.errors import ServerError, TransientError
from common.trust import distrust
from config.settings import redact

_REFUSALS = (
    redis.exceptions.AuthenticationError,
    redis.exceptions.AuthorizationError,
    redis.exceptions.NoPermissionError,
)


def open_client(url: str, connect_timeout: float, ca_file: Path | None = None) -> Redis:
    """Return a client; it connects on first use.  ``connect_timeout`` is in seconds.

    A call has no time-out of the driver's: Python 3.11's ``wait_for``, which that would use, loses
    a cancellation that comes as the call ends.  Every call has its deadline from `translated`.

    ``ca_file`` is for rediss: an authority to be trusted beside those of the system.

    The driver repeats nothing by itself, so that what is repeated stands in one place: here.
    RESP2 gives the same reply shapes on every server and driver version.
    """
    try:
        return Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=connect_timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            **_trust(url, ca_file),
        )
    except ValueError:
        # The driver's sentence may quote the URL, and with it the password.
        raise ServerError(f"{shown(url)} is not a URL of Dragonfly, Valkey or Redis") from None


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
    except _REFUSALS as error:
        raise ServerError(f"{where} refuses us: {error}") from error
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        # On a Unix socket the driver hides a refusal in a ConnectionError.
        if isinstance(error.__cause__, _REFUSALS):
            raise ServerError(f"{where} refuses us: {error}") from error
        if doubt := distrust(error):
            raise ServerError(f"{where} cannot be used: {doubt}") from error
        raise lost(f"{where} does not answer: {str(error) or 'deadline'}") from error
    except redis.exceptions.OutOfMemoryError as error:
        raise full(f"{where} has no memory left") from error
    except redis.exceptions.ReadOnlyError as error:
        raise lost(f"{where} is read-only at the moment") from error
    except redis.exceptions.RedisError as error:
        if _ran_full(error):
            raise full(f"{where} has no memory left") from error
        if _cannot_save(error):
            raise full(f"{where} cannot write to its disk, which may be full") from error
        raise ServerError(f"{where} refuses a command: {error}") from error


def _ran_full(error: redis.exceptions.RedisError) -> bool:
    """Tell whether memory ran out between the commands of a MULTI and its EXEC.

    The server then says so only in the text of its EXECABORT.
    """
    return isinstance(error, redis.exceptions.ExecAbortError) and "OOM" in str(error)


def _cannot_save(error: redis.exceptions.RedisError) -> bool:
    """Tell whether a write is refused because the last one did not get to the disk.

    The driver has no class for it, and a pipeline, a script or an EXECABORT each wrap its code.
    """
    return "MISCONF" in str(error)
