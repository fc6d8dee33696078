"""What each error of a server that speaks Redis' protocol is taken for, by its own words."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from redis.asyncio import Redis

from common.broker.waiting import LostError, QueueFullError
from common.errors import ServerError, TransientError
from common.redis_client import open_client, translated
from tests.peer import peer

PATIENCE = 10.0

ERRORS = [
    # Valkey 9 and Redis 7
    ("OOM command not allowed when used memory > 'maxmemory'.", QueueFullError, "no memory left"),
    (
        "OOM command not allowed when used memory > 'maxmemory'. script: 5c1f, on @user_script:4.",
        QueueFullError,
        "no memory left",
    ),
    (
        "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist"
        " to disk.",
        QueueFullError,
        "cannot write to its disk",
    ),
    ("READONLY You can't write against a read only replica.", LostError, "read-only"),
    ("LOADING Valkey is loading the dataset in memory", LostError, "does not answer"),
    (
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        LostError,
        "not ready",
    ),
    ("NOREPLICAS Not enough good replicas to write.", LostError, "not ready"),
    ("BUSY Valkey is busy running a script.", LostError, "not ready"),
    ("UNBLOCKED the stream key no longer exists", LostError, "not ready"),
    ("ERR max number of clients reached", LostError, "does not answer"),
    ("NOAUTH Authentication required.", ServerError, "refuses us"),
    ("WRONGPASS invalid username-password pair or user is disabled.", ServerError, "refuses us"),
    ("NOPERM User x has no permissions to run the 'get' command", ServerError, "refuses us"),
    (
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        ServerError,
        "refuses a command",
    ),
    ("ERR unknown command 'GET', with args beginning with: 'k'", ServerError, "refuses a command"),
    ("MOVED 12539 127.0.0.1:7002", ServerError, "cluster mode"),
    ("ASK 12539 127.0.0.1:7002", ServerError, "cluster mode"),
    ("CROSSSLOT Keys in request don't hash to the same slot", ServerError, "cluster mode"),
    ("CLUSTERDOWN Hash slot not served", ServerError, "cluster mode"),
    # Redis 6
    (
        "ERR Error running script (call to f_5c1f): @user_script:4: @user_script: 4: -OOM command"
        " not allowed when used memory > 'maxmemory'.",
        QueueFullError,
        "no memory left",
    ),
    # Dragonfly 1.39
    ("ERR Out of memory", QueueFullError, "no memory left"),
    ("Out of memory", QueueFullError, "no memory left"),
    (
        "ERR Error running script (call to 5c1f): @user_script: 4: -ERR Out of memory",
        QueueFullError,
        "no memory left",
    ),
    ("LOADING Dragonfly is loading the dataset in memory", LostError, "does not answer"),
]


@pytest.mark.parametrize(("text", "kind", "sentence"), ERRORS)
async def test_an_error_is_known_by_its_text(
    text: str, kind: type[ServerError], sentence: str
) -> None:
    async with peer(GET=[f"-{text}\r\n".encode()]) as server:
        error = await failure_of(server.url)
    assert type(error) is kind
    assert sentence in str(error)
    assert "the server" in str(error)


@pytest.mark.parametrize("cause", ["OOM command not allowed", "ERR Out of memory"])
async def test_full_memory_is_known_in_the_text_of_an_aborted_transaction(cause: str) -> None:
    aborted = f"-EXECABORT Transaction discarded because of: {cause}\r\n".encode()
    async with peer(EXEC=[aborted]) as server, client_of(server.url) as client:
        with pytest.raises(QueueFullError):
            await call(client, "EXEC")


async def test_what_a_command_carries_is_not_taken_for_the_answer() -> None:
    """A pipeline's error quotes the command, and its data may hold any words."""
    wrong = b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
    async with peer(SET=[wrong]) as server, client_of(server.url) as client:
        with pytest.raises(ServerError, match="refuses a command: WRONGTYPE") as caught:
            await set_by_pipeline(client, "OOM, Out of memory, MISCONF")
    assert not isinstance(caught.value, TransientError)
    assert "MISCONF" not in str(caught.value)


def guard() -> AbstractAsyncContextManager[None]:
    return translated("the server", PATIENCE, lost=LostError, full=QueueFullError)


async def call(client: Redis, *command: str) -> None:
    send: Any = client.execute_command
    async with guard():
        await send(*command)


async def set_by_pipeline(client: Redis, value: str) -> None:
    async with guard():
        pipe = client.pipeline(transaction=False)
        pipe.set("key", value)
        await pipe.execute()


def client_of(url: str) -> Redis:
    return open_client(url, PATIENCE)


async def failure_of(url: str) -> ServerError:
    async with client_of(url) as client:
        try:
            await call(client, "GET", "key")
        except ServerError as error:
            return error
    raise AssertionError("no error")
