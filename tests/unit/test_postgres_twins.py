"""The compiled encoder and Python's rows are twins: the same bytes, or it leaves them to Python."""

import gzip
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.compiled import find_compiled
from common.entities import Entity
from common.messages import decode_records
from common.records import Record
from common.records.tables import table_of
from extractor.parsing.groups import parse
from generator import Plan, write_dumps
from loaders.postgres.encoding import ENCODER, HEADER_LENGTH, Encoding
from tests.full_records import FULL
from tests.unit.compiled_parts import needed
from tests.unit.encoded import DUMP, encode, in_python, record
from tests.unit.extractor.groups import cut_groups

EVERY = pytest.mark.parametrize("entity", list(Entity))


@pytest.mark.parametrize("document", [False, True])
@EVERY
def test_full_and_empty_records_are_encoded(entity: Entity, *, document: bool) -> None:
    records = [record(FULL[entity]), record({}, 2), record(FULL[entity], 3)]
    encoded = encode(entity, records, document=document)
    assert encoded
    assert encoded == in_python(entity, records, document=document)
    assert list(encoded) == [table.name for table in table_of(entity, document=False).flat()]


@EVERY
def test_no_record_makes_nothing_to_copy(entity: Entity) -> None:
    assert encode(entity, []) == {}


def _excerpts(folder: Path, entity: Entity) -> list[Path]:
    return sorted(folder.glob(f"*/discogs_*_{entity.plural}.xml.gz"))


def _batches(entity: Entity, path: Path) -> list[list[Record]]:
    groups = cut_groups(entity, gzip.decompress(path.read_bytes()))
    return [decode_records(body) for group in groups for body in parse(group).bodies]


@EVERY
def test_excerpts_come_out_the_same_and_none_is_declined(excerpts: Path, entity: Entity) -> None:
    batches = [batch for path in _excerpts(excerpts, entity) for batch in _batches(entity, path)]
    assert sum(map(len, batches)) > 400
    for batch in batches:
        encoded = encode(entity, batch)
        assert encoded
        assert encoded == in_python(entity, batch)


@pytest.fixture(scope="module", params=["current", "old"])
def dumps(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a generated month in one of the two shapes."""
    folder = tmp_path_factory.mktemp("dumps")
    write_dumps(Plan(releases=300, shape=request.param), folder)
    return folder


@EVERY
def test_generated_dumps_come_out_the_same_and_none_is_declined(
    dumps: Path, entity: Entity
) -> None:
    (path,) = dumps.rglob(f"discogs_*_{entity.plural}.xml.gz")
    for batch in _batches(entity, path):
        encoded = encode(entity, batch)
        assert encoded
        assert encoded == in_python(entity, batch)


ALPHABET = "aZ 0:/-\n\r\t\b\f\"\\'\x7f\x85\u00a0é٣中\uffff🎵"
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=20) | st.sampled_from(
    ["1999-03-00", "199", "3:45", " 1:02:03\n", "\u00a03:45", "٣:45", "3:99", "x" * 5_000, '"' * 70]
)
NUMBERS = st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)]) | st.integers(-(2**31), 2**31 - 1)


@st.composite
def varied(draw: st.DrawFn, value: Any) -> Any:
    """Something of the same shape: other texts and numbers, members left out, longer lists."""
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if draw(st.booleans())}
        return {key: draw(varied(inner)) for key, inner in kept.items()}
    if isinstance(value, list):
        return [draw(varied(item)) for item in value for _ in range(draw(st.integers(1, 2)))]
    if isinstance(value, bool):
        return draw(st.booleans())
    if isinstance(value, int):
        return draw(NUMBERS)
    return draw(TEXTS)


@settings(max_examples=80)
@given(st.data(), st.sampled_from(Entity))
def test_regular_records_come_out_the_same_and_are_not_declined(
    data: st.DataObject, entity: Entity
) -> None:
    records = [record(data.draw(varied(FULL[entity])), number) for number in (1, 2)]
    encoded = encode(entity, records)
    assert encoded is not None
    assert encoded == in_python(entity, records)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(["\0", "\x1f", "x" * 70_000, '"' * 70_000]),
    # Copied: what is drawn twice would be put inside itself.
    st.sampled_from([[], {}, [[]], [None], [{}], [""]]).map(deepcopy),
    st.lists(st.integers() | st.text(max_size=2) | st.none(), max_size=3),
    st.dictionaries(st.sampled_from(["id", "name", "title", "sub_tracks"]), st.integers()),
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every container inside and the keys or indexes of what it holds."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [at for key in keys for at in _places(value[key])]


@settings(max_examples=150)
@given(st.data(), st.sampled_from(Entity))
def test_odd_records_come_out_the_same_or_are_left_to_python(
    data: st.DataObject, entity: Entity
) -> None:
    odd = deepcopy(FULL[entity])
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(_places(odd)))
        container[key] = data.draw(ODD)
    records = [record({}), record(odd, 2), record({}, 3)]
    encoded = encode(entity, records)
    assert encoded is None or encoded == in_python(entity, records)


def test_the_setting_chooses_python() -> None:
    encoding = Encoding(compiled=False, document=False)
    assert encoding.encode(Entity.LABEL, [record({})], DUMP) is None


def test_rows_cut_short_are_refused() -> None:
    encoded = encode(Entity.RELEASE, [record(FULL[Entity.RELEASE])])
    assert encoded
    rows_of = find_compiled(ENCODER, "rows_of")
    whole = encoded["release_track"]
    assert len(rows_of(whole)) == 5
    first = HEADER_LENGTH + 2 + len(rows_of(whole)[0])
    for end in range(HEADER_LENGTH + 3, first):
        with pytest.raises(ValueError, match="cut short"):
            rows_of(whole[:end])


def test_no_rows_are_cut_of_an_empty_copy() -> None:
    needed(ENCODER, "rows_of")
    rows_of = find_compiled(ENCODER, "rows_of")
    assert rows_of(b"") == rows_of(bytes(HEADER_LENGTH)) == rows_of(bytes(HEADER_LENGTH + 2)) == []
