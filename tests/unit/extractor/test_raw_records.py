"""Records in columns are what they were one by one, however they are joined and split."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.entities import Entity
from extractor.framing.raw_records import RawRecord, RawRecords

_RECORDS = st.lists(
    st.builds(
        RawRecord,
        st.integers(1, 2**31 - 1),
        st.integers(1, 2**64 - 1),
        st.integers(0, 2**40),
        st.binary(max_size=20),
    ),
    max_size=9,
)


@given(_RECORDS)
def test_they_are_what_they_are_made_of(records: list[RawRecord]) -> None:
    columns = RawRecords.of(Entity.LABEL, records)
    assert (list(columns), len(columns)) == (records, len(records))
    assert columns.text == b"".join(record.stem + b"</label>" for record in records)
    assert pickle.loads(pickle.dumps(columns)) == columns  # noqa: S301 - our own


@given(st.lists(_RECORDS, min_size=1, max_size=4))
def test_joined_they_keep_their_order(parts: list[list[RawRecord]]) -> None:
    together = [record for part in parts for record in part]
    columns = [RawRecords.of(Entity.LABEL, part) for part in parts]
    before = pickle.dumps(columns)
    assert RawRecords.joined(columns) == RawRecords.of(Entity.LABEL, together)
    assert pickle.dumps(columns) == before


@given(_RECORDS, st.integers(1, 80))
def test_split_they_are_as_short_as_may_be(records: list[RawRecord], size: int) -> None:
    columns = RawRecords.of(Entity.LABEL, records)
    parts = list(columns.split(size))
    assert [record for part in parts for record in part] == records
    assert all(parts)
    assert all(len(part.text) >= size for part in parts[:-1])
    assert all(len(part.text) - len(part.element(len(part) - 1)) < size for part in parts)
    assert all(part == RawRecords.of(Entity.LABEL, part) for part in parts)


@pytest.mark.parametrize("position", [2, 3])
def test_there_are_no_more_than_there_are(position: int) -> None:
    columns = RawRecords.of(Entity.LABEL, [RawRecord(1, 2, 3, b"<label>")] * 2)
    with pytest.raises(IndexError):
        columns[position]
