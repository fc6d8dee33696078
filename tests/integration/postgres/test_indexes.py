"""The PostgreSQL sink's indexes: left out of a first load, then made, once, and used."""

import asyncio
from typing import Any

import pytest

from common.entities import Entity
from common.errors import TransientError
from common.records.tables import TABLES
from loaders.postgres import PostgresSink
from loaders.sink import Written
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.writing import RELEASE, ask, index_names, opened, record, write
from tests.link import link_to, through


@pytest.mark.parametrize("entity", list(Entity))
async def test_a_first_load_goes_without_indexes_until_it_is_prepared(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await write(sink, record(1, 10, FULL[entity]), entity=entity)
    assert await index_names(postgres_url) == {f"{own}_pkey" for own in Entity}
    await sink.content.prepare(entity)
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
        await asyncio.gather(sink.content.prepare(RELEASE), other.content.prepare(RELEASE))
    assert await ask(postgres_url, "SELECT count(*) FROM waxline.prepared") == 1


ASKED_LATELY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'waxline'
        AND query LIKE '%pg_try_advisory_lock%' AND query_start > $1::timestamptz + interval '3 s'
"""


async def asks_for_longer_than_any_deadline(url: str, waiting: "asyncio.Task[Any]") -> None:
    """Wait until it still asks for the lock 3 s from now, as the server counts."""
    since = await ask(url, "SELECT clock_timestamp()")
    async with asyncio.timeout(40):
        while not waiting.done() and not await ask(url, ASKED_LATELY, since):
            continue
    assert not waiting.done(), waiting.exception()


BUILDS = [
    "SELECT pg_advisory_lock(hashtext('waxline prepare release'))",
    "SELECT pg_advisory_lock_shared(hashtext('waxline build release'))",
]
"""What the session that leads has locked, and what each one has that builds."""


@pytest.mark.parametrize("lock", BUILDS, ids=["leads", "builds for a killed loader"])
async def test_a_second_loader_waits_for_as_long_as_the_first_builds(
    postgres_url: str, lock: str
) -> None:
    async with (
        opened(postgres_url, postgres_timeout=1) as sink,
        connected(postgres_url) as builder,
    ):
        await builder.execute(lock)
        preparing = asyncio.create_task(sink.content.prepare(RELEASE))
        await asks_for_longer_than_any_deadline(postgres_url, preparing)
        await builder.execute("SELECT pg_advisory_unlock_all()")
        await preparing
    assert "release_track_key" in await index_names(postgres_url)


async def test_a_second_loader_writes_once_the_first_has_built(postgres_url: str) -> None:
    async with (
        opened(postgres_url, postgres_timeout=1) as sink,
        connected(postgres_url) as builder,
    ):
        async with builder.transaction():
            await builder.execute(BUILDS[1])
            await builder.execute("LOCK TABLE discogs.release_track IN SHARE MODE")
            writing = asyncio.create_task(write(sink, record(1, 10, FULL[RELEASE])))
            await asks_for_longer_than_any_deadline(postgres_url, writing)
        await builder.execute("SELECT pg_advisory_unlock_all()")
        assert await writing == Written(loaded=1)


async def test_preparing_goes_on_where_a_killed_loader_stopped(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.content.prepare(RELEASE)
    before = await index_names(postgres_url)
    await ask(postgres_url, "DROP INDEX discogs.release_track_key, discogs.release_title_prefix")
    await ask(postgres_url, "DELETE FROM waxline.prepared")
    await sink.content.prepare(RELEASE)
    assert await index_names(postgres_url) == before


WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'CREATE%' AND wait_event_type = 'Lock'
"""


async def test_an_index_whose_answer_is_lost_is_not_waited_for(postgres_url: str) -> None:
    async with link_to(postgres_url) as link:
        url = through(link, postgres_url)
        async with opened(url, postgres_timeout=1, connect_timeout=1) as sink:
            await write(sink, record(1, 10, FULL[RELEASE]))
            async with connected(postgres_url) as holder, holder.transaction():
                await holder.execute("LOCK TABLE discogs.release_track")
                preparing = asyncio.create_task(sink.content.prepare(RELEASE))
                async with asyncio.timeout(20):
                    while not await ask(postgres_url, WAITING):
                        if preparing.done():  # it waits for a lock a quarter of a second only
                            assert isinstance(preparing.exception(), TransientError)
                            preparing = asyncio.create_task(sink.content.prepare(RELEASE))
                link.half_open()
            assert (await asyncio.wait([preparing], timeout=60))[0], "it still waits"
            with pytest.raises(TransientError):
                await preparing
    async with opened(postgres_url) as sink:
        await sink.content.prepare(RELEASE)
    assert "release_track_key" in await index_names(postgres_url)


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
    await sink.content.prepare(Entity.ARTIST)
    await sink.content.prepare(RELEASE)
    async with connected(postgres_url) as connection:
        await connection.execute("SET enable_seqscan = off")
        lines = await connection.fetch(f"EXPLAIN SELECT * FROM discogs.{condition}")  # noqa: S608
    assert any(index in line[0] for line in lines)


async def test_trigrams_are_found_in_whatever_schema_they_are(
    sink: PostgresSink, postgres_url: str
) -> None:
    await ask(postgres_url, "CREATE SCHEMA extensions")
    await ask(postgres_url, "CREATE EXTENSION pg_trgm SCHEMA extensions")
    await sink.content.prepare(Entity.LABEL)
    assert "label_name_trigrams" in await index_names(postgres_url)
