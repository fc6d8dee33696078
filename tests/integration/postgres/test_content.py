"""What the PostgreSQL sink stores of a record, and what it cannot store."""

from typing import Any

import pytest

from common.entities import Entity
from common.errors import TerminalError
from common.records import RecordData
from loaders.postgres import PostgresSink
from loaders.sink import Digest, Rejection, Written
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
    write,
)


@pytest.mark.parametrize("entity", list(Entity))
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
    await sink.content.delete(headers(entity), [1])
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
            await sink.content.prepare(entity)
        await write(sink, record(1, 10, data), entity=entity)
        await sink.content.prepare(entity)
        assert await sink.content.rows(entity) == 1


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
@pytest.mark.parametrize(
    ("document", "compiled"), [(False, True), (True, True), (False, False)], ids=str
)
async def test_a_record_that_cannot_be_stored_is_named_and_takes_nothing_with_it(
    postgres_url: str, data: Any, *, document: bool, compiled: bool
) -> None:
    good, bad = record(1, 10, FULL[RELEASE]), record(4711, 20, data)
    async with opened(postgres_url, postgres_document=document, compiled=compiled) as sink:
        with pytest.raises(TerminalError):
            await write(sink, good, bad)
        assert not any((await row_counts(postgres_url, RELEASE)).values())
        with pytest.raises(TerminalError, match=r"\b4711\b") as caught:
            await write(sink, bad)
        rejection = Rejection(4711, 20, str(caught.value))
        assert await sink.content.write(headers(), [good], [rejection]) == Written(1, 0, 1)
        assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(2, 30)


@pytest.mark.parametrize("record_id", [2**31, -(2**31) - 1, 2**70])
async def test_an_id_that_is_no_integer_of_the_database_s_is_terminal(
    sink: PostgresSink, record_id: int
) -> None:
    with pytest.raises(TerminalError, match=str(record_id)):
        await write(sink, record(record_id, 10, {}))


async def test_a_reason_that_quotes_the_bad_text_can_be_stored(
    sink: PostgresSink, postgres_url: str
) -> None:
    await sink.bookkeeping.advance(headers())
    await sink.content.write(headers(), [], [Rejection(1, 10, f"bad: {NUL} {SURROGATE}")])
    reason = await ask(postgres_url, "SELECT reason FROM waxline.rejected")
    assert reason == "bad: Null half ?"


async def test_keeping_documents_is_another_identity_and_writes_what_lacks_one(
    postgres_url: str,
) -> None:
    records = [record(n, n * 10, {"title": f"Title {n}"}) for n in (1, 2)]
    async with opened(postgres_url) as sink:
        plain = await sink.identity()
        await write(sink, *records)
    async with opened(postgres_url, postgres_document=True) as sink:
        documented = await sink.identity()
        assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(2, 0)
        assert await write(sink, *records, run=2) == Written(loaded=2)
        assert (await sink.content.digests(RELEASE, [ALL.span], ()))[0] == Digest(2, 30)
        query = "SELECT document->>'title' FROM discogs.release WHERE id = 2"
        assert await ask(postgres_url, query) == "Title 2"
    async with opened(postgres_url) as sink:
        assert await sink.identity() == plain != documented
        assert await write(sink, *records, run=3) == Written(unchanged=2)


async def test_opening_with_documents_again_keeps_them(postgres_url: str) -> None:
    for run, expected in ((1, Written(loaded=1)), (2, Written(unchanged=1))):
        async with opened(postgres_url, postgres_document=True) as sink:
            assert await write(sink, record(1, 10, FULL[RELEASE]), run=run) == expected
