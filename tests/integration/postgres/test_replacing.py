"""Of a changed record only the rows that differ are written again."""

import asyncio
import copy
from typing import Any

import pytest
import tenacity

from common.entities import Entity
from common.errors import TransientError
from common.records.tables import TABLES
from loaders.postgres import PostgresSink
from loaders.postgres.encoding import ENCODER
from loaders.sink import Written
from loaders.writer import Writer
from tests.contract.sinks import connected
from tests.full_records import FULL
from tests.integration.postgres.test_schema import restricted
from tests.integration.postgres.test_setup import FORBID, do
from tests.integration.postgres.writing import (
    RELEASE,
    ask,
    headers,
    opened,
    record,
    row_counts,
    write,
)
from tests.unit.compiled_parts import needed


@pytest.fixture
def sink(sink_of_either: PostgresSink) -> PostgresSink:
    return sink_of_either


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(AssertionError),
    wait=tenacity.wait_fixed(0.02),
    stop=tenacity.stop_after_delay(30),
    reraise=True,
)
async def until_it_waits(url: str) -> None:
    """Wait until some session waits for another's lock."""
    assert await ask(url, "SELECT count(*) FROM pg_locks WHERE NOT granted")


async def written_since(url: str, entity: Entity, before: int) -> dict[str, int]:
    """Count the rows by table that transactions younger than ``before`` wrote."""
    counts = {
        table: await ask(
            url,
            f"SELECT count(*) FROM discogs.{table} WHERE xmin::text::bigint >= $1",  # noqa: S608
            before,
        )
        for table in TABLES[entity]
    }
    return {table: count for table, count in counts.items() if count}


async def now(url: str) -> int:
    number: int = await ask(url, "SELECT pg_current_xact_id()::text::bigint")
    return number


@pytest.mark.parametrize("entity", list(Entity))
async def test_equal_child_rows_are_left_alone(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    await write(sink, record(1, 10, FULL[entity]), record(2, 20, FULL[entity]), entity=entity)
    await sink.content.prepare(entity)
    before = await now(postgres_url)
    await write(sink, record(1, 11, FULL[entity]), entity=entity)
    assert await written_since(postgres_url, entity, before) == {entity.value: 1}


async def test_single_rows_of_a_list_are_replaced_added_and_removed(
    sink: PostgresSink, postgres_url: str
) -> None:
    data: Any = {
        "genres": ["Jazz", "Rock", "Pop"],
        "tracks": [{"title": "one"}, {"title": "two", "credits": [{"id": 5, "role": "Guitar"}]}],
        "formats": [{"name": "Vinyl", "descriptions": ["LP", "Album"]}],
    }
    await write(sink, record(1, 10, data), record(2, 20, data))
    await sink.content.prepare(RELEASE)
    before = await now(postgres_url)
    other = copy.deepcopy(data)
    other["genres"] = ["Jazz", "Blues"]
    other["tracks"].append({"title": "three"})
    other["tracks"][1]["credits"][0]["role"] = "Bass"
    other["formats"][0]["descriptions"] = ["LP"]
    await write(sink, record(1, 11, other))
    assert await written_since(postgres_url, RELEASE, before) == {
        "release": 1,
        "release_genre": 1,
        "release_track": 1,
        "release_track_credit": 1,
        "release_format": 1,
    }
    async with connected(postgres_url) as connection:
        genres = await connection.fetch(
            "SELECT release_id, genre FROM discogs.release_genre ORDER BY release_id, sequence"
        )
    assert [tuple(row) for row in genres] == [
        *((1, genre) for genre in other["genres"]),
        *((2, genre) for genre in data["genres"]),
    ]
    assert not (await sink.reader.compare(RELEASE, [record(1, 11, other), record(2, 20, data)]))


async def test_a_row_that_somebody_else_replaces_meanwhile_is_updated_all_the_same(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 10, FULL[RELEASE]))
    await sink.content.prepare(RELEASE)
    async with connected(postgres_url) as other:
        async with other.transaction():
            await other.execute("CREATE TEMP TABLE own ON COMMIT DROP AS TABLE discogs.release")
            await other.execute("DELETE FROM discogs.release")
            await other.execute("INSERT INTO discogs.release SELECT * FROM own")
            writing = asyncio.create_task(write(sink, record(1, 11, FULL[RELEASE])))
            await until_it_waits(postgres_url)
        assert await writing == Written(loaded=1)
    assert not (await sink.reader.compare(RELEASE, [record(1, 11, FULL[RELEASE])]))


@pytest.mark.parametrize(
    "statement", ["UPDATE discogs.release SET fingerprint = 11", "DELETE FROM discogs.release"]
)
async def test_a_record_that_another_session_has_just_written_is_tried_again(
    sink: PostgresSink, postgres_url: str, statement: str
) -> None:
    await write(sink, record(1, 10, {"title": "one"}))
    await sink.content.prepare(RELEASE)
    async with connected(postgres_url) as other:
        async with other.transaction():
            await other.execute(statement)
            writing = asyncio.create_task(write(sink, record(1, 11, {"title": "two"})))
            await until_it_waits(postgres_url)
        with pytest.raises(TransientError, match="another session"):
            await writing
    await write(sink, record(1, 11, {"title": "two"}))
    assert await ask(postgres_url, "SELECT fingerprint FROM discogs.release") == 11


async def test_a_document_that_is_kept_no_longer_does_not_get_stale(postgres_url: str) -> None:
    for run, fingerprint, kept in [(1, 10, True), (3, 11, False), (5, 11, True)]:
        data: Any = {"title": f"title {fingerprint}"}
        async with opened(postgres_url, postgres_document=kept) as sink:
            await write(sink, record(1, fingerprint, data), run=run)
            await sink.content.prepare(RELEASE)
            assert not (await sink.reader.compare(RELEASE, [record(1, fingerprint, data)]))


async def test_what_somebody_did_to_child_rows_is_undone(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 10, FULL[RELEASE]))
    await sink.content.prepare(RELEASE)
    counts = await row_counts(postgres_url, RELEASE)
    async with connected(postgres_url) as connection:
        await connection.execute("UPDATE discogs.release_genre SET genre = 'Polka'")
        await connection.execute("DELETE FROM discogs.release_track_artist")
        await connection.execute(
            "INSERT INTO discogs.release_style (release_id, sequence, style) VALUES (1, 99, 'Odd')"
        )
    await write(sink, record(1, 11, FULL[RELEASE]))
    assert await row_counts(postgres_url, RELEASE) == counts
    assert not (await sink.reader.compare(RELEASE, [record(1, 11, FULL[RELEASE])]))


TEMPORARY = """
    SELECT array_agg(oid ORDER BY oid) FROM pg_class
    WHERE relname = 'waxline_release' AND relpersistence = 't'
"""


async def test_a_session_makes_its_temporary_table_once_and_leaves_it_empty(
    postgres_url: str,
) -> None:
    needed(ENCODER, "rows_of")
    async with opened(postgres_url) as sink:
        records = [record(number, 1, FULL[RELEASE]) for number in range(1, 5)]
        await write(sink, *records)
        await sink.content.prepare(RELEASE)
        made = []
        for fingerprint in range(2, 6):
            changed: Any = {**FULL[RELEASE], "title": f"title {fingerprint}"}
            records = [record(number, fingerprint, changed) for number in range(1, 5)]
            assert await write(sink, *records) == Written(loaded=4)
            made.append(await ask(postgres_url, TEMPORARY))
        assert not await sink.reader.compare(RELEASE, records)
        assert made == made[:1] * 4
        assert len(made[0]) == 1
        async with sink._database.session() as session:
            assert await session.fetchval("SELECT count(*) FROM pg_temp.waxline_release") == 0


@pytest.mark.parametrize("postgres_template", ["template1"])  # the role makes the schema
@pytest.mark.parametrize("forbidden", ["by a right", "by an event trigger"])
async def test_where_temporary_tables_are_forbidden_updates_are_made_without(
    postgres_url: str, forbidden: str
) -> None:
    database = postgres_url.rpartition("/")[2]
    schemas = [f"CREATE SCHEMA {name} AUTHORIZATION {{role}}" for name in ("discogs", "waxline")]
    async with restricted(postgres_url, *schemas) as url, opened(url) as sink:
        records = [record(number, 1, FULL[RELEASE]) for number in (1, 2, 3)]
        await write(sink, *records)
        await sink.content.prepare(RELEASE)
        if forbidden == "by a right":
            await ask(postgres_url, f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        else:
            await do(postgres_url, FORBID.format(name=database))
        changed: Any = {**FULL[RELEASE], "title": "changed"}
        records = [record(number, 2, changed) for number in (1, 2, 3)]
        written = await Writer(sink, retry_seconds=30).write(headers(), records)
        assert written == Written(loaded=3)
        assert not await sink.reader.compare(RELEASE, records)
        assert await ask(postgres_url, TEMPORARY) is None
        await do(postgres_url, f"DROP EVENT TRIGGER IF EXISTS forbid_{database}")
