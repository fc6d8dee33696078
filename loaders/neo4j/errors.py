"""One place that tells graph servers' failures apart: passing, of a record, or of the set-up."""

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

from common.errors import DoubtfulError, ServerError, TerminalError, TransientError, WaxlineError
from common.tls import distrust

_OURS_TO_PACK = (OverflowError, UnicodeEncodeError)
"""What the driver raises on a number beyond 64 bits or a lone surrogate."""

_SCHEMA = ("Neo.ClientError.Schema.", "Neo.DatabaseError.Schema.")
_SET_UP = (
    "Neo.ClientError.Security.",
    "Neo.ClientError.Database.",
    "Neo.ClientError.Procedure.",
    "Neo.ClientError.Statement.AccessMode",
)
_READ_ONLY = ("Neo.ClientError.General.", "Neo.ClientError.Cluster.")
_PASSING = ("Neo.ClientError.Transaction.", "Neo.ClientError.Statement.EntityNotFound")
_UNDONE = "Neo.ClientError.Transaction.TransactionNotFound"
"""ArcadeDB at a commit, if it has no word for it: a value too long for an index, a full disk."""

_NO_MEMORY = ("OutOfMemoryError", "TransactionMemoryLimit")
_THE_SERVER = "the graph server"
_TOO_LARGE = "too large to index"


class StubsGoneError(TransientError):
    """A node that this process had made sure of is no longer there: fewer edges than sent."""


class SchemaError(ServerError):
    """A constraint cannot be made; ``code`` is the server's."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


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
    if isinstance(error, Neo4jError):
        return _from_server(error, server)
    return TransientError(f"{server} failed: {_text(error)}")


def _from_server(error: Neo4jError, server: str) -> WaxlineError:
    code, text = error.code or "", _text(error)
    # The only constraints broken are by somebody else at the same moment: two MERGEs of one
    # key (ArcadeDB), a node deleted that just got an edge (Neo4j).
    if isinstance(error, ConstraintError):
        return TransientError(f"the graph transaction lost a race: {text}")
    if code.startswith(_SCHEMA):
        return SchemaError(f"{server} refuses a constraint: {text}", code)
    if code.startswith(_SET_UP):
        return ServerError(f"{server} refuses us: {text}")
    if isinstance(error, DatabaseError) and _TOO_LARGE in str(error):
        return TerminalError(f"the graph cannot index a value: {text}")
    if isinstance(error, DatabaseError) or code == _UNDONE or code.endswith(_NO_MEMORY):
        return DoubtfulError(f"{server} failed: {text}")
    if isinstance(error, ClientError) and not code.startswith((*_PASSING, *_READ_ONLY)):
        return TerminalError(f"the graph cannot hold the data: {text}")
    return TransientError(f"{server} failed: {text}")


def _text(error: BaseException) -> str:
    text = error.message or str(error) if isinstance(error, Neo4jError) else str(error)
    return " ".join(text.split())
