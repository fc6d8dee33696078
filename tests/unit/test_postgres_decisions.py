"""What the PostgreSQL sink decides without a server: which failure is which, what to write."""

import asyncio
import ssl

import asyncpg
import pytest

from common.entities import Entity
from common.errors import ServerError, TerminalError, TransientError, WaxlineError
from common.postgres.errors import LockedError, bad_values, translate, translated
from common.records import Record
from common.records.tables import TABLES, key_of
from loaders.postgres.stored_rows import ids_of, plan
from loaders.postgres.table_statements import TableStatements


def _violated(schema: str, key: str) -> asyncpg.UniqueViolationError:
    """Return what the server raises about a unique key."""
    error = asyncpg.UniqueViolationError("duplicate key")
    error.schema_name, error.constraint_name = schema, key
    return error


TRANSIENT = [
    asyncpg.ConnectionDoesNotExistError("closed"),
    asyncpg.DeadlockDetectedError("deadlock"),
    asyncpg.SerializationError("serialisation"),
    _violated("discogs", "artist_pkey"),
    asyncpg.TooManyConnectionsError("too many"),
    asyncpg.DiskFullError("disk full"),
    asyncpg.OutOfMemoryError("out of memory"),
    asyncpg.AdminShutdownError("shutting down"),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.QueryCanceledError("statement timeout"),
    asyncpg.IdleInTransactionSessionTimeoutError("idle"),
    asyncpg.ReadOnlySQLTransactionError("standby"),
    asyncpg.InterfaceError("connection is closed"),
    ConnectionRefusedError("refused"),
    TimeoutError(),
]
TERMINAL = [
    _violated("public", "a_key_of_somebody_else"),
    asyncpg.CharacterNotInRepertoireError("0x00"),
    asyncpg.UntranslatableCharacterError("0x00"),
    asyncpg.NumericValueOutOfRangeError("too large"),
    asyncpg.DataError("does not fit"),
    asyncpg.CheckViolationError("too long"),
    asyncpg.NotNullViolationError("null"),
    asyncpg.ProgramLimitExceededError("index row too large"),
]
WRONG = [
    asyncpg.InvalidPasswordError("password"),
    asyncpg.InvalidAuthorizationSpecificationError("no such role"),
    asyncpg.InvalidCatalogNameError("no such database"),
    asyncpg.InsufficientPrivilegeError("permission denied"),
    asyncpg.UndefinedTableError("no such table"),
    asyncpg.ClientConfigurationError("bad URL"),
    ssl.SSLCertVerificationError("not trusted"),
]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        *((error, TransientError) for error in TRANSIENT),
        *((error, TerminalError) for error in TERMINAL),
        *((error, ServerError) for error in WRONG),
        (asyncpg.LockNotAvailableError("lock timeout"), LockedError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_failure_is_transient_terminal_or_a_wrong_set_up(
    error: Exception, kind: type[WaxlineError]
) -> None:
    assert type(translate(error, "db:5432/waxline")) is kind


def test_a_translated_failure_names_the_server_and_keeps_its_cause() -> None:
    cause = ConnectionRefusedError("refused")
    with (
        pytest.raises(TransientError, match="db:5432/waxline") as caught,
        translated("db:5432/waxline"),
    ):
        raise cause
    assert caught.value.__cause__ is cause


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("2**31"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogate"),
        TypeError("str"),
        IndexError("short"),
    ],
)
def test_a_value_that_cannot_be_encoded_is_terminal_and_names_the_table(error: Exception) -> None:
    with pytest.raises(TerminalError, match="release_track"), bad_values("release_track"):
        raise error


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), TimeoutError(), asyncpg.DiskFullError("full")]
)
def test_what_is_no_value_s_fault_passes(error: BaseException) -> None:
    with pytest.raises(type(error)), bad_values("release_track"):
        raise error


def test_a_plan_writes_what_differs_and_replaces_what_is_held() -> None:
    records: list[Record] = [
        {"id": number, "fingerprint": fingerprint, "data": {}}
        for number, fingerprint in ((9, 91), (4, 40), (1, 10), (5, -1))
    ]
    decided = plan(records, {9: 90, 4: 40, 5: 0})
    assert (ids_of(decided.added), ids_of(decided.replaced)) == ([1], [5, 9])
    assert decided.unchanged == 1


@pytest.mark.parametrize("entity", list(Entity))
def test_deleting_and_indexing_forget_no_table(entity: Entity) -> None:
    statements = TableStatements(entity)
    delete, keys = statements.delete(), " ".join(statements.keys())
    for table, columns in TABLES[entity].items():
        column = columns[0]
        assert columns[: len(key_of(columns))] == key_of(columns)
        assert f" discogs.{table} WHERE {column} = ANY" in delete
        if table != entity.value:
            assert f"ON discogs.{table} ({column}, " in keys
