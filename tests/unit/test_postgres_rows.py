"""From records to PostgreSQL rows: every field has its place, every row its columns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.entities import Entity
from common.errors import TerminalError
from common.records import Record, RecordData, Release
from common.records.derive import seconds_of, year_of
from common.records.tables import TABLES, columns_of
from loaders.postgres.rows import Rows, build
from tests.full_records import FULL, RELEASE

DUMP = 20260801

CREDIT_ROW = (5, "Prince (2)", "Prince", "&", "Producer", "A1")
IMAGE_ROW = ("primary", "u", "v", 600, 500)
VIDEO_ROW = ("s", 61, True, "t", "d")

EVERY = pytest.mark.parametrize("entity", list(Entity))


def record(data: RecordData, record_id: int = 1) -> Record:
    return {"id": record_id, "fingerprint": -record_id, "data": data}


def rows_of(entity: Entity) -> Rows:
    return build(entity, [record(FULL[entity])], DUMP)


def own(entity: Entity) -> dict[str, Any]:
    (row,) = rows_of(entity)[entity.value]
    return dict(zip(TABLES[entity][entity.value], row, strict=True))


@EVERY
def test_every_table_is_filled_and_every_row_as_long_as_its_columns(entity: Entity) -> None:
    rows = rows_of(entity)
    assert list(rows) == list(TABLES[entity])
    for table, columns in TABLES[entity].items():
        assert rows[table], table
        assert {len(row) for row in rows[table]} == {len(columns)}, table


@EVERY
def test_an_empty_record_is_one_row_of_nulls(entity: Entity) -> None:
    rows = build(entity, [record({})], DUMP)
    assert [table for table, own in rows.items() if own] == [entity.value]
    assert rows[entity.value] == [(1, DUMP, -1) + (None,) * (len(TABLES[entity][entity.value]) - 3)]


@EVERY
def test_no_text_of_a_record_is_lost(entity: Entity) -> None:
    values = {value for rows in rows_of(entity).values() for row in rows for value in _leaves(row)}
    assert set(_leaves(FULL[entity])) <= values


@EVERY
def test_a_document_is_the_last_column_of_the_entity_s_own_table(entity: Entity) -> None:
    rows = build(entity, [record({"name": "Ä"})], DUMP, document=True)
    assert rows[entity.value][0][-1] == '{"name":"Ä"}'
    assert len(rows[entity.value][0]) == len(columns_of(entity, entity.value, document=True))


def test_an_artist() -> None:
    rows = rows_of(Entity.ARTIST)
    assert rows["artist"] == [(1, DUMP, -1, "A", "R", "P", "Correct")]
    assert rows["artist_url"] == [(1, 1, "u1"), (1, 2, "u2")]
    assert rows["artist_name_variation"] == [(1, 1, "v1"), (1, 2, "v2")]
    assert rows["artist_alias"] == [(1, 1, 2, "B")]
    assert rows["artist_group"] == [(1, 1, 3, "C")]
    assert rows["group_member"] == [(1, 1, 4, "D"), (1, 2, None, "not linked")]
    assert rows["artist_image"] == [(1, 1, *IMAGE_ROW)]


def test_a_label() -> None:
    rows = rows_of(Entity.LABEL)
    assert rows["label"] == [(1, DUMP, -1, "L", "C", "P", "Correct", 2, "Parent")]
    assert rows["label_sublabel"] == [(1, 1, 3, "S"), (1, 2, None, "T")]
    assert rows["label_url"] == [(1, 1, "u")]


def test_a_master() -> None:
    rows = rows_of(Entity.MASTER)
    assert rows["master"] == [(1, DUMP, -1, 9, 1959, "T", "N", "Correct")]
    assert rows["master_artist"] == [
        (1, 1, *CREDIT_ROW),
        (1, 2, None, "not linked", None, None, None, None),
    ]
    assert rows["master_genre"] == [(1, 1, "Jazz"), (1, 2, "Folk, World, & Country")]
    assert rows["master_video"] == [(1, 1, *VIDEO_ROW)]


def test_a_release_s_own_row() -> None:
    row = own(Entity.RELEASE)
    assert row["year"] == 1959
    assert row["released"] == "1959-08-00"
    assert (row["master_id"], row["is_main_release"]) == (6, False)
    assert (row["id"], row["dump"], row["fingerprint"]) == (1, DUMP, -1)


def test_a_release_s_lists_keep_order_and_repetitions() -> None:
    rows = rows_of(Entity.RELEASE)
    assert rows["release_credit"] == [(1, 1, *CREDIT_ROW), (1, 2, *CREDIT_ROW)]
    assert rows["release_label"] == [(1, 1, 2, "L", "X 1"), (1, 2, 2, "L", "X 2")]
    assert rows["release_format"] == [(1, 1, "Vinyl", "2", "Red", ["LP", "Album"])]
    assert rows["release_identifier"] == [(1, 1, "Barcode", "7 99", "Sticker")]


def test_tracks_are_numbered_over_all_sub_tracks_in_the_order_of_the_dump() -> None:
    rows = rows_of(Entity.RELEASE)
    assert rows["release_track"] == [
        (1, 1, None, None, "Side A", None, None),
        (1, 2, None, "A1", "Suite", "10:01", 601),
        (1, 3, 2, "A1.a", "One", None, None),
        (1, 4, 2, "A1.b", "Two", "4:00", 240),
        (1, 5, None, "A2", "Song", "long", None),
    ]
    assert rows["release_track_artist"] == [(1, 3, 1, *CREDIT_ROW)]
    assert rows["release_track_credit"] == [(1, 5, 1, *CREDIT_ROW), (1, 5, 2, *CREDIT_ROW)]


def test_sub_tracks_of_sub_tracks_have_their_own_parent() -> None:
    data: Release = {
        "tracks": [{"sub_tracks": [{"sub_tracks": [{"title": "deep"}]}]}, {"title": "last"}]
    }
    rows = build(Entity.RELEASE, [record(data)], DUMP)["release_track"]
    assert [row[1:3] for row in rows] == [(1, None), (2, 1), (3, 2), (4, None)]


@EVERY
def test_a_batch_gives_the_rows_of_its_records_one_after_the_other(entity: Entity) -> None:
    datas: list[RecordData] = [FULL[entity], {}, FULL[entity]]
    records = [record(data, number) for number, data in enumerate(datas, 1)]
    apart = [build(entity, [one], DUMP) for one in records]
    together = build(entity, records, DUMP)
    for table in TABLES[entity]:
        assert together[table] == [row for rows in apart for row in rows[table]]


@pytest.mark.parametrize("data", [None, [], {"artists": [None]}, {"tracks": 5}, {"genres": None}])
def test_a_record_of_another_shape_is_named(data: Any) -> None:
    good = record(RELEASE, 1)
    with pytest.raises(TerminalError, match=r"\b4711\b"):
        build(Entity.RELEASE, [good, record(data, 4711), good], DUMP)


@pytest.mark.parametrize(
    ("released", "year"),
    [
        ("1999", 1999),
        ("1999-03-00", 1999),
        ("19990300", 1999),
        ("1980s", 1980),
        ("1000", 1000),
        ("2999", 2999),
        ("200?", None),
        ("????", None),
        ("0000", None),
        ("3000", None),
        ("199", None),
        ("May 1999", None),
        ("\uff11\uff19\uff19\uff19", None),
        ("\u0661\u0669\u0669\u0669", None),
        (None, None),
    ],
)
def test_the_year_of_a_release(released: str | None, year: int | None) -> None:
    assert year_of(released) == year


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("3:45", 225),
        ("03:45", 225),
        ("3:5", 185),
        ("0:00", 0),
        ("123:45", 7425),
        ("1:02:03", 3723),
        ("100:00:01", 360001),
        (" 3:45\n", 225),
        ("3:60", None),
        ("1:60:00", None),
        ("3:456", None),
        ("3.45", None),
        ("3:45 min", None),
        ("45", None),
        (":45", None),
        ("-3:45", None),
        ("\u0663:45", None),
        ("99999999999:00", None),
    ],
)
def test_the_seconds_of_a_duration(duration: str, seconds: int | None) -> None:
    assert seconds_of(duration) == seconds


@given(st.text(st.sampled_from("0123456789:'. ٣"), max_size=14))
def test_seconds_fit_an_integer_column_whatever_the_text(duration: str) -> None:
    seconds = seconds_of(duration)
    assert seconds is None or 0 <= seconds < 2**31


@given(st.integers(0, 99_999), st.integers(0, 59))
def test_minutes_and_seconds_come_back(minutes: int, seconds: int) -> None:
    assert seconds_of(f"{minutes}:{seconds:02}") == minutes * 60 + seconds


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [value]
