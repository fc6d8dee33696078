"""The PostgreSQL sink when sessions are killed, locks held, replies lost or servers absent."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from common.errors import ServerError, TransientError
from common.records import Record
from config.servers import with_password
from config.settings import load_settings
from loaders.postgres import PostgresSink
from loaders.sink import Digest, Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import (
    ALL,
    RELEASE,
    ask,
    headers,
    opened,
    record,
    row_counts,
)
from tests.link import link_to, through


async def test_a_wrong_password_is_told_without_telling_it(postgres_url: str) -> None:
    with pytest.raises(ServerError, match="password authentication failed") as caught:
        async with opened(with_password(postgres_url, "canary-5w0rd")):
            pytest.fail("it opened")
    assert not isinstance(caught.value, TransientError)
    assert "canary" not in str(caught.value)


async def test_a_database_that_is_not_there_is_told(postgres_url: str) -> None:
    with pytest.raises(ServerError, match="does not exist") as caught:
        async with opened(f"{postgres_url}_not"):
            pytest.fail("it opened")
    assert not isinstance(caught.value, TransientError)


async def test_a_server_that_is_not_there_may_come(unused_tcp_port: int) -> None:
    url = f"postgresql://waxline:canary-5w0rd@127.0.0.1:{unused_tcp_port}/waxline?password=canary"
    with pytest.raises(TransientError, match=f"127.0.0.1:{unused_tcp_port}/waxline") as caught:
        async with opened(url):
            pytest.fail("it opened")
    assert "canary" not in str(caught.value)


async def test_a_sink_that_is_not_open_says_so(postgres_url: str) -> None:
    sink = PostgresSink(load_settings(postgres_url=postgres_url).sink("postgres"))
    with pytest.raises(ServerError, match="not open"):
        await sink.bookkeeping.run_rows()


KILL = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = 'waxline' AND datname = current_database() AND {condition}
"""


async def test_a_session_killed_while_it_writes_leaves_nothing_half_done(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.bookkeeping.advance(headers())
    async with connected(postgres_url) as holder, holder.transaction():
        await holder.execute("LOCK TABLE discogs.release_track")
        writing = asyncio.create_task(sink.content.write(headers(), [record(1, 10, FULL[RELEASE])]))
        async with asyncio.timeout(20):
            while not await ask(postgres_url, KILL.format(condition="wait_event_type = 'Lock'")):
                continue
        with pytest.raises(TransientError, match="terminating connection due to administrator"):
            await writing
    assert not any((await row_counts(postgres_url, RELEASE)).values())
    assert await sink.content.write(headers(), [record(1, 10, FULL[RELEASE])]) == Written(loaded=1)


async def test_a_session_killed_while_idle_is_replaced(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.bookkeeping.advance(headers())
    assert await ask(postgres_url, KILL.format(condition="state = 'idle'")) == 1
    assert await _replayed(sink, [record(1, 10, FULL[RELEASE])]) == Written(loaded=1)


async def test_a_lock_that_is_not_to_be_had_is_given_up(postgres_url: str) -> None:
    async with opened(postgres_url, postgres_timeout=2) as sink:
        await sink.bookkeeping.advance(headers())
        async with connected(postgres_url) as holder, holder.transaction():
            await holder.execute("LOCK TABLE discogs.release")
            with pytest.raises(TransientError, match="lock timeout"):
                await sink.content.write(headers(), [record(1, 10, {})])
        assert await sink.content.write(headers(), [record(1, 10, {})]) == Written(loaded=1)


async def test_a_deleted_table_is_no_reason_to_try_again(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.bookkeeping.advance(headers())
    await ask(postgres_url, "DROP TABLE discogs.release_genre")
    with pytest.raises(ServerError, match="release_genre") as caught:
        await sink.content.write(headers(), [record(1, 10, FULL[RELEASE])])
    assert not isinstance(caught.value, TransientError)


@pytest.mark.parametrize(
    ("words", "committed"),
    [(b"SELECT id, fingerprint", False), (b"COPY", False), (b"COMMIT", True)],
    ids=["lookup", "copy", "commit"],
)
async def test_a_reply_that_never_comes_is_transient_and_the_replay_ends_right(
    postgres_url: str, words: bytes, *, committed: bool
) -> None:
    records = [record(n, n, FULL[RELEASE]) for n in (1, 2)]
    async with link_to(postgres_url) as link:
        url = through(link, postgres_url)
        async with opened(url, postgres_timeout=0.5) as sink:
            await sink.bookkeeping.advance(headers())
            link.mute_at(words)
            with pytest.raises(TransientError):
                await sink.content.write(headers(), records)
            assert link.muted
            link.restore()
            replay = await _replayed(sink, records)
            assert replay == (Written(unchanged=2) if committed else Written(loaded=2))
            assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(2, 3)


async def test_a_server_that_falls_silent_delays_neither_closing_nor_opening(
    postgres_url: str,
) -> None:
    async with link_to(postgres_url) as link:
        url = through(link, postgres_url)
        async with opened(url, postgres_timeout=0.5, connect_timeout=0.5) as sink:
            link.muted = True
            with pytest.raises(TransientError):
                await sink.content.rows(RELEASE)
            with pytest.raises(TransientError):
                async with opened(url, postgres_timeout=0.5, connect_timeout=0.5):
                    pytest.fail("it opened")
            async with asyncio.timeout(20):
                await sink.close()


@retry(retry=retry_if_exception_type(TransientError), stop=stop_after_attempt(5), reraise=True)
async def _replayed(sink: PostgresSink, records: Sequence[Record]) -> Written:
    return await sink.content.write(headers(), records)


async def test_sessions_beyond_the_pool_wait_for_one(postgres_url: str) -> None:
    async with opened(postgres_url, postgres_sessions=1) as sink:
        await sink.bookkeeping.advance(headers())
        batches = [[record(n, n, FULL[RELEASE])] for n in range(1, 9)]
        await asyncio.gather(*(sink.content.write(headers(), batch) for batch in batches))
        assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(8, 36)


async def test_of_several_hosts_the_one_that_answers_is_taken(
    postgres_url: str, unused_tcp_port: int
) -> None:
    place = urlsplit(postgres_url)
    credentials, _, host = place.netloc.rpartition("@")
    hosts = f"{credentials}@127.0.0.1:{unused_tcp_port},{host}"
    options = "target_session_attrs=read-write&connect_timeout=5&application_name=mine&keepalives=1"
    url = place._replace(netloc=hosts, query=options).geturl()
    async with opened(url) as sink, sink._database.session() as session:
        assert await session.fetchval("SHOW application_name") == "mine"
