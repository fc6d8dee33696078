"""The walkers read what a naive reader reads, from records of all years."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.entities import Entity
from extractor.elements import parse_one
from extractor.source import BLOCK_BYTES
from extractor.walkers import WALKERS, BadRecordError, Oddities
from tests.unit.extractor.documents import cut_all
from tests.unit.extractor.elements import elements
from tests.unit.extractor.naive import read


def walk(raw: str | bytes, entity: Entity) -> tuple[int, Any, Oddities]:
    """Walk one record; return its id, data and oddities."""
    odd = Oddities()
    encoded = raw.encode() if isinstance(raw, str) else raw
    number, data = WALKERS[entity](parse_one(encoded), odd)
    return number, data, odd


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(Entity))
def test_any_element_is_read_as_by_a_naive_reader(data: st.DataObject, entity: Entity) -> None:
    raw = data.draw(elements(entity))
    number, found, odd = walk(raw, entity)
    assert (number, found) == read(raw.encode(), entity)
    assert not odd


_EXCERPTS = [
    (dump, entity)
    for dump, entities in {
        20170401: tuple(Entity),
        20191101: (Entity.ARTIST, Entity.LABEL),
        20200901: tuple(Entity),
        20250201: (Entity.RELEASE,),
        20260401: (Entity.ARTIST, Entity.MASTER, Entity.RELEASE),
    }.items()
    for entity in entities
]


@pytest.mark.parametrize(("dump", "entity"), _EXCERPTS)
def test_excerpts_are_read_as_by_a_naive_reader(excerpts: Path, dump: int, entity: Entity) -> None:
    path = excerpts / str(dump) / f"discogs_{dump}_{entity.plural}.xml.gz"
    stems = cut_all(gzip.decompress(path.read_bytes()), entity, BLOCK_BYTES).stems
    assert stems
    for stem in stems:
        raw = stem + f"</{entity}>".encode()
        number, found, odd = walk(raw, entity)
        assert (number, found) == read(raw, entity)
        assert not odd


IDLESS = {Entity.ARTIST: "<artist>{}</artist>", Entity.LABEL: "<label>{}</label>"}
ATTRIBUTED = {Entity.MASTER: "<master{}></master>", Entity.RELEASE: "<release{}></release>"}
_BAD_IDS = ("0", "-1", "+1", " 1", "1e3", "1.0", "", "\uff12", str(2**31), "1" * 5000)


@pytest.mark.parametrize("number", _BAD_IDS)
@pytest.mark.parametrize("entity", list(Entity))
def test_bad_ids_are_refused(entity: Entity, number: str) -> None:
    raw = (IDLESS | ATTRIBUTED)[entity].format(
        f"<id>{number}</id>" if entity in IDLESS else f' id="{number}"'
    )
    with pytest.raises(BadRecordError) as caught:
        walk(raw, entity)
    assert "id" in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("entity", list(Entity))
def test_a_missing_id_is_refused(entity: Entity) -> None:
    with pytest.raises(BadRecordError, match=r"without an id|id \(none\)"):
        walk((IDLESS | ATTRIBUTED)[entity].format(""), entity)


@pytest.mark.parametrize("reference", ["-5", "x", str(2**31), " 7", "1 2", "9" * 60])
@pytest.mark.parametrize(
    "body",
    [
        "<artists><artist><id>{}</id></artist></artists>",
        '<labels><label id="{}"/></labels>',
        "<companies><company><id>{}</id></company></companies>",
        "<master_id>{}</master_id>",
        "<tracklist><track><extraartists><artist><id>{}</id></artist></extraartists></track></tracklist>",
    ],
)
def test_bad_references_are_refused(body: str, reference: str) -> None:
    with pytest.raises(BadRecordError, match="is not an id below"):
        walk(f'<release id="1">{body.format(reference)}</release>', Entity.RELEASE)


@pytest.mark.parametrize("spelling", ["<id>0</id>", "<id/>", "<id></id>", ""])
def test_the_spellings_of_an_unlinked_credit(spelling: str) -> None:
    raw = f'<release id="1"><artists><artist>{spelling}<name>A</name></artist></artists></release>'
    assert walk(raw, Entity.RELEASE)[1] == {"artists": [{"name": "A"}]}


def test_members_in_the_spellings_of_all_years() -> None:
    raw = (
        "<artist><id>1</id><members>"
        "<id>26</id><name>2015</name>"
        '<id>27</id><name id="27">2020</name>'
        '<name id="28">2026</name>'
        "<name>older</name>"
        "</members></artist>"
    )
    assert walk(raw, Entity.ARTIST)[1]["members"] == [
        {"id": 26, "name": "2015"},
        {"id": 27, "name": "2020"},
        {"id": 28, "name": "2026"},
        {"name": "older"},
    ]


def test_tracks_nested_without_end_are_refused() -> None:
    raw = '<release id="1"><tracklist>' + "<track><sub_tracks>" * 20
    raw += "</sub_tracks></track>" * 20 + "</tracklist></release>"
    with pytest.raises(BadRecordError, match="nested more than"):
        walk(raw, Entity.RELEASE)


def test_an_empty_flag_says_nothing() -> None:
    raw = '<release id="1"><master_id is_main_release="">5</master_id></release>'
    assert walk(raw, Entity.RELEASE)[1] == {"master_id": 5}
