"""Rows that somebody has deleted by hand: the next load puts right what is in its way."""

from typing import Any

import pytest

from common.entities import Entity
from common.records.tables import TABLES
from loaders.postgres import PostgresSink
from loaders.sink import Digest, Written
from loaders.writer import Writer
from tests.full_records import FULL
from tests.integration.postgres.writing import (
    ALL,
    RELEASE,
    ask,
    headers,
    record,
    row_counts,
    write,
)


@pytest.fixture
def sink(sink_of_either: PostgresSink) -> PostgresSink:
    return sink_of_either


@pytest.mark.parametrize("entity", list(Entity))
async def test_child_rows_that_have_lost_their_own_are_replaced_with_it(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    full = FULL[entity]
    await write(sink, *(record(number, number, full) for number in (1, 2, 3)), entity=entity)
    await sink.content.prepare(entity)
    counts = await row_counts(postgres_url, entity)
    await ask(postgres_url, f"DELETE FROM discogs.{entity} WHERE id IN (1, 3)")  # noqa: S608
    records = [record(1, 1, full), record(2, 20, full), record(3, 3, full), record(4, 4, full)]
    assert await write(sink, *records, entity=entity) == Written(loaded=4)
    assert not await sink.reader.compare(entity, records)
    assert await row_counts(postgres_url, entity) == {
        table: count // 3 * 4 for table, count in counts.items()
    }


async def test_what_is_left_of_a_row_is_found_even_where_nothing_is_in_the_way(
    sink: PostgresSink, postgres_url: str
) -> None:
    await write(sink, record(1, 1, FULL[RELEASE]), record(2, 2, {"title": "other"}))
    await sink.content.prepare(RELEASE)
    await ask(postgres_url, "DELETE FROM discogs.release WHERE id = 1")
    assert await sink.reader.ids(RELEASE, 0, 10) == [1, 2]
    bare = record(1, 10, {"title": "bare"})
    assert await write(sink, bare) == Written(loaded=1)
    assert await sink.reader.compare(RELEASE, [bare])
    assert await sink.content.distrust(headers(), [1]) == 1
    assert await write(sink, bare) == Written(loaded=1)
    assert not await sink.reader.compare(RELEASE, [bare])


@pytest.mark.parametrize("table", [name for name in TABLES[RELEASE] if name != RELEASE])
async def test_an_emptied_list_is_found_and_written_again(
    sink: PostgresSink, postgres_url: str, table: str
) -> None:
    records = [record(number, number, FULL[RELEASE]) for number in (1, 2)]
    await write(sink, *records)
    await sink.content.prepare(RELEASE)
    await ask(postgres_url, f"TRUNCATE discogs.{table}")
    assert set(await sink.reader.compare(RELEASE, records)) == {1, 2}
    assert await sink.content.distrust(headers(), [1, 2]) == 2
    assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(2, 0)
    assert await write(sink, *records) == Written(loaded=2)
    assert not await sink.reader.compare(RELEASE, records)


async def test_others_of_the_batch_are_not_rejected(sink: PostgresSink, postgres_url: str) -> None:
    """A row left behind and a record that cannot be stored come in one batch."""
    await write(sink, record(1, 1, FULL[RELEASE]))
    await sink.content.prepare(RELEASE)
    await ask(postgres_url, "DELETE FROM discogs.release")
    await ask(postgres_url, "ALTER TABLE discogs.release ADD CHECK (title <> 'bad')")
    bad: Any = {"title": "bad"}
    records = [record(1, 1, FULL[RELEASE]), record(2, 2, bad), record(3, 3, FULL[RELEASE])]
    writer = Writer(sink, retry_seconds=5)
    assert await writer.write(headers(), records) == Written(loaded=2, rejected=1)
    assert not await sink.reader.compare(RELEASE, [records[0], records[2]])


@pytest.mark.parametrize("entity", list(Entity))
async def test_what_is_deleted_and_written_again_before_there_are_keys_is_put_right(
    sink: PostgresSink, postgres_url: str, entity: Entity
) -> None:
    records = [record(number, number, FULL[entity]) for number in (1, 2, 3)]
    await write(sink, *records, entity=entity)
    await ask(postgres_url, f"DELETE FROM discogs.{entity} WHERE id IN (1, 3)")  # noqa: S608
    assert await write(sink, *records, entity=entity) == Written(loaded=2, unchanged=1)
    await sink.content.prepare(entity)
    assert (await sink.content.digests(entity, [ALL.span], ()))[0] == Digest(3, 2)
    assert await write(sink, *records, entity=entity) == Written(loaded=2, unchanged=1)
    assert not await sink.reader.compare(entity, records)
    assert (await sink.content.digests(entity, [ALL.span], ()))[0] == Digest(3, 6)
