"""Tells what a failure of the driver means to the loop: transient, terminal, or the set-up."""

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    ConstraintError,
    CypherSyntaxError,
    DatabaseError,
    DriverError,
    Neo4jError,
)

from common.errors import ServerError, TerminalError, TransientError, WaxlineError
from common.trust import distrust

_OURS_TO_PACK = (OverflowError, UnicodeEncodeError)
"""What the driver raises on a number beyond 64 bits or a lone surrogate."""

_SET_UP = ("Neo.ClientError.Security.", "Neo.ClientError.Database.")
_PASSING = ("Neo.ClientError.Transaction.", "Neo.ClientError.Statement.EntityNotFound")
_THE_SERVER = "the graph server"
_TOO_LARGE = "too large to index"


class StubsGoneError(TransientError):
    """A node that this process had made sure of is no longer there: fewer edges than sent."""


@contextmanager
def translated(server: str = _THE_SERVER) -> Iterator[None]:
    """Raise the errors of the driver, and a missed deadline, as ours; ``server`` names it."""
    try:
        yield
    except (Neo4jError, DriverError, TimeoutError, *_OURS_TO_PACK) as error:
        raise translate(error, server) from error


def translate(error: BaseException, server: str = _THE_SERVER) -> WaxlineError:
    """Return the error of ours that says what to do about one of the driver's."""
    if isinstance(error, _OURS_TO_PACK):
        return TerminalError(f"the graph cannot hold a value: {error}")
    if isinstance(error, TimeoutError):
        return TransientError(f"{server} did not answer within the deadline")
    if isinstance(error, AuthError | ConfigurationError | CypherSyntaxError):
        return ServerError(f"{server} refuses us: {_text(error)}")
    if doubt := distrust(error):
        return ServerError(f"{server} cannot be used: {doubt}")
    if isinstance(error, ClientError):
        return _client_error(error, server)
    if isinstance(error, DatabaseError) and _TOO_LARGE in str(error):
        return TerminalError(f"the graph cannot index a value: {_text(error)}")
    return TransientError(f"{server} failed: {_text(error)}")


def _client_error(error: ClientError, server: str) -> WaxlineError:
    code = error.code or ""
    if code.startswith(_SET_UP):
        return ServerError(f"{server} refuses us: {_text(error)}")
    # The only constraints broken are by somebody else at the same moment: two MERGEs of one
    # key (ArcadeDB), a node deleted that just got an edge (Neo4j).
    if isinstance(error, ConstraintError) or code.startswith(_PASSING):
        return TransientError(f"the graph transaction lost a race: {_text(error)}")
    return TerminalError(f"the graph cannot hold the data: {_text(error)}")


def _text(error: BaseException) -> str:
    text = error.message or str(error) if isinstance(error, Neo4jError) else str(error)
    return " ".join(text.split())
