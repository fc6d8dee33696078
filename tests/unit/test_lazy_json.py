"""Batches cut into records whose data stays JSON: the same records, or orjson reads them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.compiled import find_compiled
from common.errors import TerminalError
from common.messages import decode_records
from common.records import Record
from loaders.lazy_json import CUTTING, Cut, choose_decoder
from tests.unit.compiled_parts import needed

GOOD = b'[{"id":1,"fingerprint":-2,"data":{"name":"A"}},{"id":3,"fingerprint":4,"data":{}}]'

TEXTS = st.text(st.sampled_from('aé中🎵\n\t"\\\x7f'), max_size=20)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abé"), inner, max_size=3)
    ),
    max_leaves=8,
)
RECORDS = st.builds(
    lambda number, fingerprint, data: {"id": number, "fingerprint": fingerprint, "data": data},
    INTEGERS,
    INTEGERS,
    st.dictionaries(st.sampled_from(["name", "a b", "é"]), VALUES),
)
BATCHES = st.lists(RECORDS, min_size=1, max_size=3)


@pytest.fixture(scope="module")
def cut() -> Cut:
    """The compiled cutter."""
    found: Cut = needed(CUTTING, "cut")
    return found


def decoded(records: Sequence[Record]) -> list[Any]:
    return [{key: record[key] for key in ("id", "fingerprint", "data")} for record in records]


@settings(max_examples=60)
@given(BATCHES)
def test_what_orjson_writes_is_cut(cut: Cut, records: list[Any]) -> None:
    found: Any = cut(orjson.dumps(records))
    assert found is not None
    assert decoded(found) == records
    assert [one.raw for one in found] == [orjson.dumps(one["data"]) for one in records]


@settings(max_examples=150)
@given(BATCHES, st.data())
def test_a_damaged_batch_is_cut_only_where_orjson_reads_it_the_same(
    cut: Cut, records: list[Any], data: st.DataObject
) -> None:
    body = bytearray(orjson.dumps(records))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 1))] = data.draw(st.binary(max_size=2))
    parts = cut(bytes(body))
    assert parts is None or decoded(parts) == orjson.loads(body)


@pytest.mark.parametrize("length", range(len(GOOD)))
def test_a_batch_that_ends_early_is_not_cut(cut: Cut, length: int) -> None:
    assert cut(GOOD[:length]) is None


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        GOOD + b" ",
        GOOD + b"\0",
        b" " + GOOD,
        b'[{"fingerprint":2,"id":1,"data":{}}]',
        b'[{"id":1,"fingerprint":2,"data":{},"new":1}]',
        b'[{"id":1,"fingerprint":2,"data":[]}]',
        b'[{"id":1,"fingerprint":2,"data":null}]',
        b'[{"id":"1","fingerprint":2,"data":{}}]',
        b'[{"id":1.0,"fingerprint":2,"data":{}}]',
        b'[{"id":1,"fingerprint":9223372036854775808,"data":{}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":1.5}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":18446744073709551616}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\\u0041"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\xed\xa0\x80"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\xc1\xbf"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\xe0\x9f\xbf"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\xf0\x8f\xbf\xbf"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\xf4\x90\x80\x80"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":"\x80"}}]',
        b'[{"id":1,"fingerprint":2,"data":{"a":' + b"[" * 200 + b"]" * 200 + b"}}]",
    ],
)
def test_what_the_extractor_does_not_write_is_left_to_orjson(cut: Cut, body: bytes) -> None:
    assert cut(body) is None


@pytest.mark.parametrize("length", range(24))
def test_a_character_is_cut_wherever_it_stands(cut: Cut, length: int) -> None:
    for character in "é中🎵\ufffd\U0010ffff\u0800\u07ff\x7f":
        record = {"id": 1, "fingerprint": 2, "data": {"a": "x" * length + character}}
        parts = cut(orjson.dumps([record]))
        assert parts is not None
        assert decoded(parts) == [record]


@pytest.fixture(params=["compiled", "python"])
def decode(request: pytest.FixtureRequest) -> Callable[[bytes], list[Any]]:
    """Either decoder."""
    if request.param == "compiled":
        needed(CUTTING, "cut")
    return choose_decoder(compiled=request.param == "compiled")


@pytest.mark.parametrize("body", [GOOD, GOOD.replace(b",", b" , "), b"[]"])
def test_both_decoders_read_the_same(decode: Callable[[bytes], list[Any]], body: bytes) -> None:
    found = decode(body)
    expected = decode_records(body)
    assert decoded(found) == expected


@pytest.mark.parametrize(
    "body", [b"", b"[", b"5", b'[{"id":1}]', b'[{"id":1,"fingerprint":2,"data":{"a":tru}}]']
)
def test_both_decoders_refuse_the_same(decode: Callable[[bytes], list[Any]], body: bytes) -> None:
    with pytest.raises(TerminalError):
        decode(body)


def test_the_data_of_a_record_is_decoded_once(cut: Cut) -> None:
    found: Any = cut(GOOD)
    record = found[0]
    assert record.decoded is None
    assert record["data"] is record["data"] is record.decoded
    assert decoded([record]) == [{"id": 1, "fingerprint": -2, "data": {"name": "A"}}]
    with pytest.raises(KeyError):
        record["new"]


def test_without_the_compiled_part_orjson_decodes() -> None:
    assert choose_decoder(compiled=False) is decode_records


def test_a_part_that_was_not_built_is_not_had() -> None:
    assert find_compiled("loaders.never_built", "anything") is None


def test_a_part_that_does_not_fit_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "waxline_unfit.py").write_text("raise ImportError('built for another')")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_compiled("waxline_unfit", "anything") is None
    assert "built for another" in capsys.readouterr().out
