"""Clients of servers that speak Redis' protocol: Dragonfly, Valkey and Redis itself."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis.exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from common.errors import ServerError, TransientError
from config.settings import redact

_REFUSALS = (
    redis.exceptions.AuthenticationError,
    redis.exceptions.AuthorizationError,
    redis.exceptions.NoPermissionError,
)
# The driver hides these in a ConnectionError: on a Unix socket, and on TLS.
_WRAPPED_REFUSALS = (*_REFUSALS, ssl.SSLCertVerificationError)


def open_client(url: str, timeout: float, connect_timeout: float) -> Redis:
    """Return a client; it connects on first use.  Timeouts are in seconds, per call.

    The driver repeats nothing by itself, so that what is repeated stands in one place: here.
    RESP2 gives the same reply shapes on every server and driver version.
    """
    try:
        return Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=connect_timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except ValueError:
        # The driver's sentence may quote the URL, and with it the password.
        raise ServerError(f"{shown(url)} is not a URL of Dragonfly, Valkey or Redis") from None


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
        if isinstance(error.__cause__, _WRAPPED_REFUSALS):
            raise ServerError(f"{where} refuses us: {error}") from error
        raise lost(f"{where} does not answer: {str(error) or 'deadline'}") from error
    except redis.exceptions.OutOfMemoryError as error:
        raise full(f"{where} has no memory left") from error
    except redis.exceptions.ReadOnlyError as error:
        raise lost(f"{where} is read-only at the moment") from error
    except redis.exceptions.RedisError as error:
        if _ran_full(error):
            raise full(f"{where} has no memory left") from error
        raise ServerError(f"{where} refuses a command: {error}") from error


def _ran_full(error: redis.exceptions.RedisError) -> bool:
    """Tell whether memory ran out between the commands of a MULTI and its EXEC.

    The server then says so only in the text of its EXECABORT.
    """
    return isinstance(error, redis.exceptions.ExecAbortError) and "OOM" in str(error)
