"""The PostgreSQL sink on a real server: what the contract of all sinks does not reach."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from common.entities import Entity
from common.errors import ServerError, TerminalError, TransientError
from common.messages import Headers, Kind, Range
from common.records import Record, RecordData
from config.settings import load_settings, with_password
from loaders.postgres import PostgresSink, open_sink
from loaders.postgres.tables import TABLES
from loaders.sink import Digest, Rejection, Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.link import link_to, through

RELEASE = Entity.RELEASE
ALL = Range(index=0, ranges=1, first=0, last=2**31, bitmap=b"", count=0, total=0)
EVERY = pytest.mark.parametrize("entity", list(Entity))


@pytest.fixture
async def sink(postgres_url: str) -> AsyncIterator[PostgresSink]:
    async with opened(postgres_url) as sink:
        yield sink


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[PostgresSink]:
    sink = open_sink(load_settings(postgres_url=url, **settings))
    try:
        await sink.open()
        yield sink
    finally:
        await sink.close()


def headers(entity: Entity = RELEASE, run: int = 1) -> Headers:
    return Headers(kind=Kind.BATCH, entity=entity, run=run, dump=20260801, count=0)


def record(record_id: int, fingerprint: int, data: RecordData) -> Record:
    return {"id": record_id, "fingerprint": fingerprint, "data": data}


async def write(
    sink: PostgresSink, *records: Record, entity: Entity = RELEASE, run: int = 1
) -> Written:
    await sink.advance(headers(entity, run))
    return await sink.write(headers(entity, run), records)


async def ask(url: str, query: str, *arguments: object) -> Any:
    """Return the only value of a query."""
    async with connected(url) as connection:
        return await connection.fetchval(query, *arguments)


async def index_names(url: str) -> set[str]:
    query = "SELECT array_agg(indexname) FROM pg_indexes WHERE schemaname = 'discogs'"
    return set(await ask(url, query))


async def row_counts(url: str, entity: Entity) -> dict[str, int]:
    return {
        table: await ask(url, f"SELECT count(*) FROM discogs.{table}")  # noqa: S608
        for table in TABLES[entity]
    }


# The schema


@pytest.mark.usefixtures("sink")
async def test_the_tables_are_those_that_rows_are_made_for(postgres_url: str) -> None:
    query = """
        SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns
        FROM information_schema.columns WHERE table_schema = 'discogs' GROUP BY table_name
    """
    async with connected(postgres_url) as connection:
        found = {row["table_name"]: set(row["columns"]) for row in await connection.fetch(query)}
    expected = {table: set(columns) for own in TABLES.values() for table, columns in own.items()}
    for entity in Entity:
        expected[entity.value].add("document")
    assert found == expected


@pytest.mark.usefixtures("sink")
async def test_every_table_and_column_has_a_comment(postgres_url: str) -> None:
    query = """
        SELECT array_agg(relname || coalesce('.' || attname, '')) FROM (
            SELECT pg_class.oid, relname, NULL AS attname, 0 AS part FROM pg_class
            WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('discogs', 'waxline')
            UNION ALL
            SELECT pg_class.oid, relname, attname, attnum FROM pg_class
            JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
            WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('discogs', 'waxline')
        ) AS part_of_schema
        WHERE NOT EXISTS (SELECT FROM pg_description WHERE objoid = oid AND objsubid = part)
    """
    assert await ask(postgres_url, query) is None


async def test_a_schema_of_another_version_is_refused(postgres_url: str) -> None:
    async with opened(postgres_url):
        await ask(postgres_url, "UPDATE waxline.sink SET version = 999")
    with pytest.raises(ServerError, match="version 999"):
        async with opened(postgres_url):
            pytest.fail("it opened")


async def test_somebody_else_s_tables_are_left_alone(postgres_url: str) -> None:
    await ask(postgres_url, "CREATE SCHEMA discogs")
    await ask(postgres_url, "CREATE TABLE discogs.artist (name text)")
    with pytest.raises(ServerError, match="waxline did not make"):
        async with opened(postgres_url):
            pytest.fail("it opened")
    assert await ask(postgres_url, "SELECT to_regnamespace('waxline')") is None


async def test_commits_reach_the_disk_even_where_the_default_says_otherwise(
    postgres_url: str,
) -> None:
    name = postgres_url.rpartition("/")[2]
    await ask(postgres_url, f"ALTER DATABASE {name} SET synchronous_commit = off")
    async with opened(postgres_url) as sink, sink._database.session() as session:
        assert await session.fetchval("SHOW synchronous_commit") == "on"
        assert await session.fetchval("SHOW application_name") == "waxline"
        assert await session.fetchval("SHOW statement_timeout") == "2min"


# Content


@EVERY
async def test_a_full_record_fills_every_table_and_leaves_none_behind(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await write(sink, record(1, 10, FULL[entity]), entity=entity)
    assert all((await row_counts(postgres_url, entity)).values())
    await write(sink, record(1, 11, {}), entity=entity)
    assert {table for table, n in (await row_counts(postgres_url, entity)).items() if n} == {
        entity.value
    }
    await write(sink, record(1, 12, FULL[entity]), entity=entity)
    await sink.delete(headers(entity), [1])
    assert not any((await row_counts(postgres_url, entity)).values())


async def test_a_release_can_be_read_back_by_sql(sink: PostgresSink, postgres_url: str) -> None:
    await write(sink, record(1, 10, FULL[RELEASE]))
    async with connected(postgres_url) as connection:
        release = await connection.fetchrow("SELECT * FROM discogs.release")
        medium = await connection.fetchrow("SELECT * FROM discogs.release_format")
        tracks = await connection.fetch(
            "SELECT sequence, parent_sequence, position, seconds FROM discogs.release_track "
            "ORDER BY sequence"
        )
    assert release is not None
    assert medium is not None
    assert (release["released"], release["year"], release["dump"]) == ("1959-08-00", 1959, 20260801)
    assert (medium["text"], medium["descriptions"]) == ("Red", ["LP", "Album"])
    assert [tuple(track) for track in tracks] == [
        (1, None, None, None),
        (2, None, "A1", 601),
        (3, 2, "A1.a", None),
        (4, 2, "A1.b", 240),
        (5, None, "A2", None),
    ]


LONG = "".join(chr(0x4E00 + n % 20_000) for n in range(20_000))
"""A text that neither fits a btree page nor compresses into one."""


@pytest.mark.parametrize("prepared", [False, True], ids=["first load", "later"])
async def test_values_longer_than_an_index_page_find_room(
    sink: PostgresSink, *, prepared: bool
) -> None:
    long: dict[Entity, RecordData] = {
        Entity.ARTIST: {"name": LONG, "name_variations": [LONG], "urls": [LONG]},
        Entity.LABEL: {"name": LONG},
        Entity.MASTER: {"title": LONG},
        Entity.RELEASE: {
            "title": LONG,
            "labels": [{"id": 1, "name": LONG, "catno": LONG}],
            "identifiers": [{"type": "Barcode", "value": "1" * 9_000 + LONG}],
            "tracks": [{"title": LONG}],
        },
    }
    for entity, data in long.items():
        if prepared:
            await sink.prepare(entity)
        await write(sink, record(1, 10, data), entity=entity)
        await sink.prepare(entity)
        assert await sink.rows(entity) == 1


NUL = "Nul\0l"
SURROGATE = "half \ud800"


@pytest.mark.parametrize(
    "data",
    [
        {"title": NUL},
        {"title": SURROGATE},
        {"genres": ["Jazz", NUL]},
        {"genres": ["J" * 1_001]},
        {"tracks": [{"title": "fine"}, {"title": SURROGATE}]},
        {"master_id": 2**31},
        {"artists": [{"id": -(2**31) - 1}]},
        {"formats": [{"descriptions": ["LP", NUL]}]},
        {"artists": "not a list of credits"},
        {"title": 5},
    ],
    ids=str,
)
@pytest.mark.parametrize("document", [False, True])
async def test_a_record_that_cannot_be_stored_is_named_and_takes_nothing_with_it(
    postgres_url: str, data: Any, *, document: bool
) -> None:
    good, bad = record(1, 10, FULL[RELEASE]), record(4711, 20, data)
    async with opened(postgres_url, postgres_document=document) as sink:
        with pytest.raises(TerminalError):
            await write(sink, good, bad)
        assert not any((await row_counts(postgres_url, RELEASE)).values())
        with pytest.raises(TerminalError, match=r"\b4711\b") as caught:
            await write(sink, bad)
        rejection = Rejection(4711, 20, str(caught.value))
        assert await sink.write(headers(), [good], [rejection]) == Written(1, 0, 1)
        assert await sink.digest(RELEASE, ALL, ()) == Digest(2, 30)


@pytest.mark.parametrize("record_id", [2**31, -(2**31) - 1, 2**70])
async def test_an_id_that_is_no_integer_of_the_database_s_is_terminal(
    sink: PostgresSink, record_id: int
) -> None:
    with pytest.raises(TerminalError, match=str(record_id)):
        await write(sink, record(record_id, 10, {}))


async def test_a_reason_that_quotes_the_bad_text_can_be_stored(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.advance(headers())
    await sink.write(headers(), [], [Rejection(1, 10, f"bad: {NUL} {SURROGATE}")])
    reason = await ask(postgres_url, "SELECT reason FROM waxline.rejected")
    assert reason == "bad: Null half ?"


# Indexes


@EVERY
async def test_a_first_load_goes_without_indexes_until_it_is_prepared(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await write(sink, record(1, 10, FULL[entity]), entity=entity)
    assert await index_names(postgres_url) == {f"{own}_pkey" for own in Entity}
    await sink.prepare(entity)
    keys = {f"{table}_key" for table in TABLES[entity] if table != entity.value}
    assert keys <= await index_names(postgres_url)
    query = "SELECT count(*) FROM pg_stats WHERE schemaname = 'discogs' AND tablename = ANY($1)"
    assert await ask(postgres_url, query, list(TABLES[entity])) > len(TABLES[entity])


async def test_replacing_during_a_first_load_prepares_it(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 10, FULL[RELEASE]))
    assert await write(sink, record(1, 11, {})) == Written(loaded=1)
    assert "release_track_key" in await index_names(postgres_url)


async def test_two_loaders_may_prepare_at_once(sink: PostgresSink, postgres_url: str) -> None:
    async with opened(postgres_url) as other:
        await asyncio.gather(sink.prepare(RELEASE), other.prepare(RELEASE))
    assert await ask(postgres_url, "SELECT count(*) FROM waxline.prepared") == 1


async def test_preparing_goes_on_where_a_killed_loader_stopped(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.prepare(RELEASE)
    before = await index_names(postgres_url)
    await ask(postgres_url, "DROP INDEX discogs.release_track_key, discogs.release_title_prefix")
    await ask(postgres_url, "DELETE FROM waxline.prepared")
    await sink.prepare(RELEASE)
    assert await index_names(postgres_url) == before


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        ("artist WHERE lower(left(name, 64)) LIKE 'miles dav%'", "artist_name_prefix"),
        ("artist WHERE name ILIKE '%coltrane%'", "artist_name_trigrams"),
        ("release WHERE master_id = 5", "release_master_id"),
        ("release_credit WHERE artist_id = 5", "release_credit_artist_id"),
        ("release_style WHERE style = 'Bop'", "release_style_style"),
        ("release_label WHERE left(catno, 64) = 'BLP 1595'", "release_label_catno_start"),
        (
            "release_identifier WHERE type = 'Barcode' "
            "AND left(regexp_replace(value, '[^0-9]', '', 'g'), 32) = '0724349532724'",
            "release_identifier_barcode",
        ),
        ("release_track WHERE release_id = 5", "release_track_key"),
    ],
)
async def test_a_search_finds_its_index(
    sink: PostgresSink, postgres_url: str, condition: str, index: str
) -> None:
    await sink.prepare(Entity.ARTIST)
    await sink.prepare(RELEASE)
    async with connected(postgres_url) as connection:
        await connection.execute("SET enable_seqscan = off")
        lines = await connection.fetch(f"EXPLAIN SELECT * FROM discogs.{condition}")  # noqa: S608
    assert any(index in line[0] for line in lines)


@asynccontextmanager
async def restricted(url: str, *grants: str) -> AsyncIterator[str]:
    """Have the URL of a role that may no more than these grants, {role} in them being its name."""
    name = url.rpartition("/")[2]
    role = f"{name}_loader"
    async with connected(url) as connection:
        await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'restricted'")
        for grant in grants:
            await connection.execute(grant.format(role=role))
    try:
        yield with_password(url, "restricted").replace("://waxline:", f"://{role}:")
    finally:
        async with connected(url) as connection:
            await connection.execute(f"DROP OWNED BY {role} CASCADE")
            await connection.execute(f"DROP ROLE {role}")


async def test_a_role_that_owns_two_schemas_is_enough_and_loads_without_trigrams(
    postgres_url: str,
) -> None:
    schemas = [f"CREATE SCHEMA {name} AUTHORIZATION {{role}}" for name in ("discogs", "waxline")]
    async with restricted(postgres_url, *schemas) as url, opened(url) as sink:
        await write(sink, record(1, 10, FULL[RELEASE]))
        await sink.prepare(RELEASE)
        assert await write(sink, record(1, 11, {})) == Written(loaded=1)
        names = await index_names(postgres_url)
    assert "release_title_prefix" in names
    assert "release_title_trigrams" not in names


async def test_trigrams_are_found_in_whatever_schema_they_are(
    sink: PostgresSink, postgres_url: str
) -> None:
    await ask(postgres_url, "CREATE SCHEMA extensions")
    await ask(postgres_url, "CREATE EXTENSION pg_trgm SCHEMA extensions")
    await sink.prepare(Entity.LABEL)
    assert "label_name_trigrams" in await index_names(postgres_url)


async def test_a_role_without_rights_is_told_so(postgres_url: str) -> None:
    async with restricted(postgres_url) as url:
        with pytest.raises(ServerError, match="permission denied"):
            async with opened(url):
                pytest.fail("it opened")


# Documents


async def test_keeping_documents_is_another_identity_and_writes_what_lacks_one(
    postgres_url: str,
) -> None:
    records = [record(n, n * 10, {"title": f"Title {n}"}) for n in (1, 2)]
    async with opened(postgres_url) as sink:
        plain = await sink.identity()
        await write(sink, *records)
    async with opened(postgres_url, postgres_document=True) as sink:
        documented = await sink.identity()
        assert await sink.digest(RELEASE, ALL, ()) == Digest(2, 0)
        assert await write(sink, *records, run=2) == Written(loaded=2)
        assert await sink.digest(RELEASE, ALL, ()) == Digest(2, 30)
        query = "SELECT document->>'title' FROM discogs.release WHERE id = 2"
        assert await ask(postgres_url, query) == "Title 2"
    async with opened(postgres_url) as sink:
        assert await sink.identity() == plain != documented
        assert await write(sink, *records, run=3) == Written(unchanged=2)


async def test_opening_with_documents_again_keeps_them(postgres_url: str) -> None:
    for run, expected in ((1, Written(loaded=1)), (2, Written(unchanged=1))):
        async with opened(postgres_url, postgres_document=True) as sink:
            assert await write(sink, record(1, 10, FULL[RELEASE]), run=run) == expected


# Failures


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
    sink = open_sink(load_settings(postgres_url=postgres_url))
    with pytest.raises(ServerError, match="not open"):
        await sink.run_rows()


KILL = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = 'waxline' AND datname = current_database() AND {condition}
"""


async def test_a_session_killed_while_it_writes_leaves_nothing_half_done(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.advance(headers())
    async with connected(postgres_url) as holder, holder.transaction():
        await holder.execute("LOCK TABLE discogs.release_track")
        writing = asyncio.create_task(sink.write(headers(), [record(1, 10, FULL[RELEASE])]))
        async with asyncio.timeout(20):
            while not await ask(postgres_url, KILL.format(condition="wait_event_type = 'Lock'")):
                continue
        with pytest.raises(TransientError):
            await writing
    assert not any((await row_counts(postgres_url, RELEASE)).values())
    assert await sink.write(headers(), [record(1, 10, FULL[RELEASE])]) == Written(loaded=1)


async def test_a_session_killed_while_idle_is_replaced(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.advance(headers())
    assert await ask(postgres_url, KILL.format(condition="state = 'idle'")) == 1
    assert await _replayed(sink, [record(1, 10, FULL[RELEASE])]) == Written(loaded=1)


async def test_a_lock_that_is_not_to_be_had_is_given_up(postgres_url: str) -> None:
    async with opened(postgres_url, postgres_timeout=2) as sink:
        await sink.advance(headers())
        async with connected(postgres_url) as holder, holder.transaction():
            await holder.execute("LOCK TABLE discogs.release")
            with pytest.raises(TransientError, match="lock timeout"):
                await sink.write(headers(), [record(1, 10, {})])
        assert await sink.write(headers(), [record(1, 10, {})]) == Written(loaded=1)


async def test_a_deleted_table_is_no_reason_to_try_again(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.advance(headers())
    await ask(postgres_url, "DROP TABLE discogs.release_genre")
    with pytest.raises(ServerError, match="release_genre") as caught:
        await sink.write(headers(), [record(1, 10, FULL[RELEASE])])
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
            await sink.advance(headers())
            link.mute_at(words)
            with pytest.raises(TransientError):
                await sink.write(headers(), records)
            assert link.muted
            link.restore()
            replay = await _replayed(sink, records)
            assert replay == (Written(unchanged=2) if committed else Written(loaded=2))
            assert await sink.digest(RELEASE, ALL, ()) == Digest(2, 3)


async def test_a_server_that_falls_silent_delays_neither_closing_nor_opening(
    postgres_url: str,
) -> None:
    async with link_to(postgres_url) as link:
        url = through(link, postgres_url)
        async with opened(url, postgres_timeout=0.5, connect_timeout=0.5) as sink:
            link.muted = True
            with pytest.raises(TransientError):
                await sink.rows(RELEASE)
            with pytest.raises(TransientError):
                async with opened(url, postgres_timeout=0.5, connect_timeout=0.5):
                    pytest.fail("it opened")
            async with asyncio.timeout(20):
                await sink.close()


@retry(retry=retry_if_exception_type(TransientError), stop=stop_after_attempt(5), reraise=True)
async def _replayed(sink: PostgresSink, records: Sequence[Record]) -> Written:
    return await sink.write(headers(), records)


async def test_sessions_beyond_the_pool_wait_for_one(postgres_url: str) -> None:
    async with opened(postgres_url, postgres_sessions=1) as sink:
        await sink.advance(headers())
        batches = [[record(n, n, FULL[RELEASE])] for n in range(1, 9)]
        await asyncio.gather(*(sink.write(headers(), batch) for batch in batches))
        assert await sink.digest(RELEASE, ALL, ()) == Digest(8, 36)
