"""A store is a hint: whatever is wrong with it while one works costs work, and nothing else.

At the start it is a matter of set-up, told in a sentence.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from common.entities import Entity
from common.errors import ServerError, TransientError
from common.store import Binding, Store, open_store
from common.store.protocol import BLOCK_SIZE
from config.settings import load_settings
from tests.contract.stores import reading, sink_report
from tests.peer import Peer, peer

ARTIST = Entity.ARTIST

CALLS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "fingerprints": lambda store: store.fingerprints(ARTIST, [1]),
    "put_fingerprints": lambda store: store.put_fingerprints(ARTIST, {1: bytes(8 * BLOCK_SIZE)}),
    "forget_fingerprints": lambda store: store.forget_fingerprints(ARTIST, [1]),
    "known_blocks": lambda store: store.known_blocks(ARTIST),
    "binding": lambda store: store.binding(ARTIST),
    "bind": lambda store: store.bind(ARTIST, Binding(run=1, sinks={})),
    "acquire_lease": lambda store: store.acquire_lease(ARTIST, "me", 30),
    "release_lease": lambda store: store.release_lease(ARTIST, "me"),
    "put_progress": lambda store: store.put_progress(reading(ARTIST, 1)),
    "progress": lambda store: store.progress(),
    "put_report": lambda store: store.put_report(sink_report("postgres")),
    "reports": lambda store: store.reports(),
}

SET_UP = [
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM User x has no permissions to run the 'mget' command",
    "ERR unknown command 'MGET', with args beginning with: 'k'",
    "MOVED 12539 127.0.0.1:7002",
    "CROSSSLOT Keys in request don't hash to the same slot",
    "CLUSTERDOWN Hash slot not served",
]
PASSING = [
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "ERR Out of memory",  # Dragonfly
    "LOADING Valkey is loading the dataset in memory",
    "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist.",
]
WRONGTYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"

COMMANDS = ("MGET", "GET", "SET", "UNLINK", "SCAN", "EVAL", "SMEMBERS", "EXEC")


@asynccontextmanager
async def answering(text: str) -> AsyncIterator[tuple[Peer, Store]]:
    """A store whose server answers everything with this error."""
    recorded = {name: [f"-{text}\r\n".encode()] for name in COMMANDS}
    async with peer(**recorded) as server:
        store = open_store(load_settings(store_url=server.url).server("store"))
        try:
            yield server, store
        finally:
            await store.close()


@pytest.mark.parametrize("text", [*SET_UP, *PASSING, WRONGTYPE])
async def test_every_error_while_one_works_is_a_passing_one(text: str) -> None:
    async with answering(text) as (_, store):
        for name, call in CALLS.items():
            with pytest.raises(ServerError) as caught:
                await call(store)
            assert type(caught.value) is TransientError, name


@pytest.mark.parametrize("text", SET_UP)
async def test_at_the_start_a_server_that_cannot_serve_is_told(text: str) -> None:
    async with answering(text) as (_, store):
        with pytest.raises(ServerError) as caught:
            await store.check()
    assert not isinstance(caught.value, TransientError)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("text", PASSING)
async def test_at_the_start_one_that_may_serve_later_is_no_matter_of_set_up(text: str) -> None:
    async with answering(text) as (_, store):
        with pytest.raises(TransientError):
            await store.check()


async def test_a_password_changed_under_way_costs_work_only(valkey_url: str) -> None:
    account = "rotated"
    parts = urlsplit(valkey_url)
    url = parts._replace(netloc=f"{account}:old@{parts.hostname}:{parts.port}").geturl()
    store = open_store(load_settings(store_url=url).server("store"))
    async with Redis.from_url(valkey_url) as client:
        await client.acl_setuser(
            account, enabled=True, passwords=["+old"], categories=["+@all"], keys=["*"]
        )
        try:
            await store.check()
            assert await store.acquire_lease(ARTIST, "me", 30)
            await client.acl_setuser(account, enabled=True, passwords=["-old", "+new"])
            await client.execute_command("CLIENT", "KILL", "USER", account)  # type: ignore[no-untyped-call]
            for name, call in CALLS.items():
                with pytest.raises(ServerError) as caught:
                    await call(store)
                assert type(caught.value) is TransientError, name
        finally:
            await client.acl_deluser(account)
            await store.close()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("foo=canary", "foo"),
        ("decode_responses=true", "decode_responses"),
        ("ssl_cert_reqs=none", "ssl_cert_reqs"),
        ("db=canary", "is not a URL"),
    ],
)
def test_an_option_that_is_not_known_is_told(query: str, told: str) -> None:
    with pytest.raises(ServerError, match=told) as caught:
        open_store(
            load_settings(store_url=f"redis://user:canary@127.0.0.1:1/0?{query}").server("store")
        )
    assert "canary" not in str(caught.value)


def test_an_option_of_tls_is_known_where_there_is_tls() -> None:
    url = "rediss://user:canary@127.0.0.1:1/0?ssl_cert_reqs="
    open_store(load_settings(store_url=f"{url}none").server("store"))
    with pytest.raises(ServerError, match="is not a URL") as caught:
        open_store(load_settings(store_url=f"{url}bogus").server("store"))
    assert "canary" not in str(caught.value)
