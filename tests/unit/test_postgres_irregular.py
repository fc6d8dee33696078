"""What the compiled encoder leaves to Python's rows, what it passes over, and what it raises."""

from dataclasses import replace
from typing import Any

import orjson
import psutil
import pytest

from common.entities import Entity
from common.records.tables import table_of
from loaders.lazy_json import CUTTING
from loaders.postgres.encoding import ENCODER
from tests.unit.compiled_parts import needed
from tests.unit.encoded import DUMP, encode, in_python, record


@pytest.fixture(scope="module")
def encoder() -> Any:
    """The class of the compiled encoder."""
    return needed(ENCODER, "Encoder")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{}}",
        b"{} ",
        b" {}",
        b"[]",
        b"null",
        b"\xff",
        b'{"title":5}',
        b'{"title":null}',
        b'{"title":"a","title":"b"}',
        b'{"title":"\\u0000"}',
        b'{"title":"\\ud800"}',
        b'{"title":"\\/"}',
        b'{"title":"a',
        b'{"title":"a\nb"}',
        b'{"title":"\xed\xa0\x80"}',
        b'{"title":"\xc0\x80"}',
        b'{"title":"\xf5\x80\x80\x80"}',
        b'{"title":"\xe4\xb8"}',
        b'{"ti\\u0074le":"a"}',
        b'{"new":{"deep":[1,2,}}',
        b'{"new":tru}',
        b'{"title" :"a"}',
        b'{"title":"a",}',
        b'{"master_id":2147483648}',
        b'{"master_id":99999999999999999999}',
        b'{"master_id":01}',
        b'{"master_id":-0}',
        b'{"master_id":1.0}',
        b'{"master_id":1e3}',
        b'{"master_id":true}',
        b'{"is_main_release":1}',
        b'{"released":1999}',
        b'{"genres":"Jazz"}',
        b'{"genres":[1]}',
        b'{"genres":["Jazz",]}',
        b'{"genres":["Jazz"',
        b'{"artists":{}}',
        b'{"artists":["Prince"]}',
        b'{"artists":[{}',
        b'{"formats":[{"descriptions":[]}]}',
        b'{"formats":[{"descriptions":["LP",null]}]}',
        b'{"formats":[{"descriptions":{"LP":"Album"}}]}',
        b'{"tracks":[{"sub_tracks":{}}]}',
        b'{"tracks":[{"sub_tracks":null}]}',
    ],
)
def test_what_is_not_regular_is_left_to_python(raw: bytes) -> None:
    lazy = needed(CUTTING, "LazyRecord")
    good, bad = lazy(1, -1, b'{"title":"x"}'), lazy(2, -2, raw)
    assert encode(Entity.RELEASE, [good, bad, good]) is None


def test_members_that_are_not_known_are_passed_over() -> None:
    data = {"new": [{"a": [1, True, None, "x\n"]}], "title": "T", "tracks": [{"new": {}}]}
    encoded = encode(Entity.RELEASE, [record(data)])
    assert encoded is not None
    assert encoded == in_python(Entity.RELEASE, [record(data)])


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63, 2**70])
def test_ids_that_do_not_fit_are_left_to_python(number: int) -> None:
    assert encode(Entity.LABEL, [record({}, number)]) is None


def test_what_json_cannot_say_is_left_to_python() -> None:
    assert encode(Entity.LABEL, [record({"name": "half \ud800"})]) is None


@pytest.mark.parametrize("depth", [1, 2, 30, 40, 80])
def test_tracks_of_any_depth_come_out_the_same(depth: int) -> None:
    tracks: list[Any] = [{"title": "deepest", "artists": [{"id": 1}]}]
    for _ in range(depth - 1):
        tracks = [{"title": "a"}, {"sub_tracks": tracks, "title": "b", "credits": [{"id": 2}]}]
    records = [record({"tracks": tracks})]
    encoded = encode(Entity.RELEASE, records)
    assert (encoded is None) == (depth > 30)
    assert encoded in (None, in_python(Entity.RELEASE, records))


def test_more_different_texts_than_are_remembered_come_out_the_same() -> None:
    tracks = [{"duration": f"{n}:{n % 60:02}"} for n in range(30_000)]
    records = [record({"tracks": tracks})]
    assert encode(Entity.RELEASE, records) == in_python(Entity.RELEASE, records)


def test_an_error_of_what_derives_a_column_comes_out(encoder: Any) -> None:
    class OddError(Exception):
        pass

    def fail(text: str) -> int:
        raise OddError(text)

    table = table_of(Entity.RELEASE, document=False)
    columns = tuple(replace(one, derive=one.derive and fail) for one in table.columns)
    changed = replace(table, columns=columns)
    with pytest.raises(OddError, match="1999"):
        encoder(changed).encode([record({"released": "1999"})], DUMP)


@pytest.mark.parametrize("data", ["{}", bytearray(b"{}"), 5])
def test_only_bytes_are_taken_for_raw(encoder: Any, data: object) -> None:
    class Odd(dict[str, Any]):
        raw = data

    with pytest.raises(TypeError, match="bytes"):
        encoder(table_of(Entity.LABEL, document=False)).encode([Odd(id=1, fingerprint=1)], DUMP)


def test_a_table_must_be_given(encoder: Any) -> None:
    with pytest.raises(TypeError, match="table"):
        encoder(None)


def test_no_memory_is_lost(encoder: Any) -> None:
    raw = orjson.dumps({"title": "x\n" * 50_000, "released": "1999"})
    own = encoder(table_of(Entity.RELEASE, document=False))
    lazy = needed(CUTTING, "LazyRecord")
    good = [lazy(number, 1, raw) for number in range(1, 6)]
    bad = [*good, lazy(6, 1, b'{"title":5}')]
    process = psutil.Process()
    for batch in (good, bad):
        own.encode(batch, DUMP)
    before = process.memory_info().rss
    for _ in range(100):
        own.encode(good, DUMP)
        assert own.encode(bad, DUMP) is None
        encoder(table_of(Entity.RELEASE, document=False))
    lost = 200 * 500_000  # a batch's bytes, were they not freed
    assert process.memory_info().rss - before < lost / 2
