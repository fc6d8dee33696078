"""One place that tells PostgreSQL's failures apart: transient, terminal, or set up wrongly."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from common.errors import ServerError, TerminalError, TransientError, WaxlineError
from common.records.tables import TABLES
from common.tls import distrust

_TRANSIENT_CLASSES = ("08", "40", "53", "57")
"""Connection, rollback (deadlock, serialisation), resources (disk, memory), intervention."""

_TRANSIENT_STATES = (
    "25006",  # read-only transaction: the server became a standby
    "25P03",  # idle-in-transaction timeout: this process was frozen
    "58030",  # I/O error
)

_LOCKED = "55P03"

_TERMINAL_CLASSES = ("09", "22", "23", "27", "44", "54", "P0")
"""Data, constraints, program limits, triggers: the content itself does not fit, or people's own
additions to the tables refuse it."""

_OUR_SCHEMAS = ("waxline", "pg_catalog")
_OWN_KEYS = frozenset(f"{entity}_pkey" for entity in TABLES)
_CHILD_KEYS = frozenset(
    f"{table}_key" for entity, tables in TABLES.items() for table in tables if table != entity
)

_BAD_VALUES = (TypeError, ValueError, OverflowError, LookupError)
"""What asyncpg raises when a value does not fit its column's type."""


class LockedError(TransientError):
    """A lock was not to be had in time."""


class TakenError(TransientError):
    """The place of a child row is taken: by another session, or by a row that has lost its own."""


def translate(error: Exception, server: str) -> WaxlineError:
    """Return the error of ours for one of the driver's; ``server`` names it without secrets."""
    if isinstance(error, asyncpg.PostgresError):
        return _from_server(error, server)
    if doubt := distrust(error):
        return ServerError(f"PostgreSQL at {server} cannot be used: {doubt}")
    if isinstance(error, asyncpg.ClientConfigurationError):
        # Its further lines are hints that name no setting of ours.
        return ServerError(f"PostgreSQL at {server} cannot be used: {str(error).splitlines()[0]}")
    if isinstance(error, TimeoutError):
        return TransientError(f"PostgreSQL at {server} did not answer in time")
    return TransientError(f"PostgreSQL at {server} cannot be reached: {error}")


@contextmanager
def translated(server: str) -> Iterator[None]:
    """Turn what the driver raises in a ``with`` into errors of ours."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise translate(error, server) from error
    except asyncpg.InternalClientError as error:
        raise TransientError(f"connection to PostgreSQL at {server} broke: {error}") from error


@contextmanager
def bad_values(table: str) -> Iterator[None]:
    """Turn what the driver raises while it encodes a table's rows into `TerminalError`."""
    try:
        yield
    except _BAD_VALUES as error:
        raise TerminalError(f"a value does not fit table {table}: {error}") from error


def _from_server(error: asyncpg.PostgresError, server: str) -> WaxlineError:
    state = getattr(error, "sqlstate", None) or ""
    if _key_of(error) in _CHILD_KEYS:
        return TakenError(f"PostgreSQL at {server}: {error}")
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return TransientError(f"PostgreSQL at {server}: {error}")  # somebody has altered a table
    passing = state in _TRANSIENT_STATES or state.startswith(_TRANSIENT_CLASSES)
    if passing or _overtaken(error) or _is_unheard(error):
        return TransientError(f"PostgreSQL at {server}: {error}")
    if state == _LOCKED:
        return LockedError(f"PostgreSQL at {server}: {error}")
    if state.startswith(_TERMINAL_CLASSES) or _is_raised(error):
        return TerminalError(f"PostgreSQL refuses a value: {_where(error)}")
    return ServerError(f"PostgreSQL at {server}: {error}")


def _is_raised(error: asyncpg.PostgresError) -> bool:
    """Tell whether a function of other people raised it, by a class that may be their own."""
    return getattr(error, "server_source_function", None) == "exec_stmt_raise"


def _is_unheard(error: asyncpg.PostgresError) -> bool:
    """Tell whether it is the queue of notices that is full: a listener does not read them.

    By its state it is a limit that the content exceeds.
    """
    return getattr(error, "server_source_function", None) == "PreCommit_Notify"


def _overtaken(error: asyncpg.PostgresError) -> bool:
    """Tell whether another session wrote the same id a moment ago, by a key of our own."""
    key = _key_of(error)
    return bool(key) and (getattr(error, "schema_name", None) in _OUR_SCHEMAS or key in _OWN_KEYS)


def _key_of(error: asyncpg.PostgresError) -> str:
    """Return the key that a row would have had twice, or an empty text."""
    if not isinstance(error, asyncpg.UniqueViolationError):
        return ""
    return getattr(error, "constraint_name", None) or ""


def _where(error: asyncpg.PostgresError) -> str:
    context = getattr(error, "context", None)
    return f"{error} ({context.splitlines()[-1]})" if context else str(error)
