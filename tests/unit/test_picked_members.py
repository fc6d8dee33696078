"""Records of which only some members are decoded: the same rows as from the whole."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.entities import Entity
from common.messages import Headers, Kind
from loaders.lazy_json import CUTTING, PICKING, Pick, Picker
from loaders.neo4j.rows import RowMaker, make_row
from tests.full_records import FULL
from tests.unit.compiled_parts import needed

NAMES = ("a", "b c", "é")
WANTED = frozenset(name.encode() for name in ("a", "é", "unheard of"))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    ),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES)


@pytest.fixture(scope="module")
def pick() -> Pick:
    """The compiled picker."""
    found: Pick = needed(PICKING, "pick")
    return found


@given(OBJECTS)
def test_members_of_these_names_are_left(pick: Pick, data: dict[str, Any]) -> None:
    picked = pick(orjson.dumps(data), WANTED)
    if picked is not None:  # it does not read every escape
        assert orjson.loads(picked) == {k: v for k, v in data.items() if k.encode() in WANTED}


@given(OBJECTS, st.data())
def test_of_damaged_json_nothing_is_picked(
    pick: Pick, data: dict[str, Any], damage: st.DataObject
) -> None:
    raw = bytearray(orjson.dumps(data))
    at = damage.draw(st.integers(0, len(raw) - 1))
    raw[at : at + damage.draw(st.integers(0, 1))] = damage.draw(st.binary(max_size=2))
    picked = pick(bytes(raw), WANTED)
    if picked is not None:
        whole = orjson.loads(bytes(raw))
        assert orjson.loads(picked) == {k: v for k, v in whole.items() if k.encode() in WANTED}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"{}x", b'{"a":1', b'{"a":1}}', b'{"a" :1}'])
def test_what_is_no_object_is_left_to_orjson(pick: Pick, raw: bytes) -> None:
    assert pick(raw, WANTED) is None


@pytest.mark.usefixtures("pick")
@pytest.mark.parametrize("tracks", [False, True])
@pytest.mark.parametrize("entity", Entity)
def test_rows_need_no_other_members(entity: Entity, *, tracks: bool) -> None:
    headers = Headers(Kind.BATCH, entity, 1, 20260101, 1)
    maker = RowMaker(track_credits=tracks, compiled=True)
    record = needed(CUTTING, "LazyRecord")(3, -4, orjson.dumps(FULL[entity]))
    whole: Any = {"id": 3, "fingerprint": -4, "data": FULL[entity]}
    assert maker.make(headers, [record]) == [
        make_row(entity, whole, 20260101, track_credits=tracks)
    ]
    assert record.decoded is None, "the whole was decoded"


def test_where_nothing_is_compiled_the_whole_is_decoded() -> None:
    record: Any = {"id": 3, "fingerprint": -4, "data": {"a": 1, "b": 2}}
    assert Picker(["a"], compiled=False).data(record) == {"a": 1, "b": 2}
