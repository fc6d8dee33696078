"""The walkers read what a naive reader reads, from records of all years."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.entities import Entity
from extractor.parsing.groups import parse
from extractor.source import BLOCK_BYTES
from extractor.walkers import WALKERS, BadRecordError, GroupWalkers, Oddities
from extractor.walkers.elements import parse_one
from tests.unit.extractor.documents import cut_all
from tests.unit.extractor.elements import elements
from tests.unit.extractor.groups import declined, group_of, record
from tests.unit.extractor.naive import read


def walk(raw: str | bytes, entity: Entity) -> tuple[int, Any, Oddities]:
    """Walk one record; return its id, data and oddities."""
    odd = Oddities()
    encoded = raw.encode() if isinstance(raw, str) else raw
    number, data = WALKERS[entity](parse_one(encoded), odd)
    return number, data, odd


@settings(max_examples=150)
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


def test_what_is_neither_true_nor_false_says_nothing_and_is_told() -> None:
    raw = (
        '<release id="1"><master_id is_main_release="True">5</master_id>'
        '<videos><video src="s" embed="yes"/></videos></release>'
    )
    _, found, odd = walk(raw, Entity.RELEASE)
    assert found == {"videos": [{"src": "s"}], "master_id": 5}
    assert sorted(odd) == [
        "release/master_id/@is_main_release: not true or false",
        "release/videos/video/@embed: not true or false",
    ]


_GENRES = "<genres><genre>{}</genre></genres>"
_SUB_TRACKS = "<sub_tracks><track><title>{}</title></track></sub_tracks>"
_TRACKS = "<tracklist><track>{}</track></tracklist>"
_CREDITS = "<artists><artist><id>{}</id></artist></artists>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (_GENRES.format("a") + _GENRES.format("b"), {"genres": ["a", "b"]}),
        (_GENRES.format("a") * 2, {"genres": ["a", "a"]}),
        (
            _CREDITS.format(1) + "<artists/>" + _CREDITS.format(2),
            {"artists": [{"id": 1}, {"id": 2}]},
        ),
        (
            _TRACKS.format(_SUB_TRACKS.format("a") + _SUB_TRACKS.format("b")),
            {"tracks": [{"sub_tracks": [{"title": "a"}, {"title": "b"}]}]},
        ),
        (
            _TRACKS.format("<title>a</title>") + _TRACKS.format("<title>b</title>"),
            {"tracks": [{"title": "a"}, {"title": "b"}]},
        ),
        (
            _TRACKS.format(_CREDITS.format(1) + _CREDITS.format(2)),
            {"tracks": [{"artists": [{"id": 1}, {"id": 2}]}]},
        ),
        (
            '<formats><format name="CD"/></formats><formats><format name="CD"><descriptions>'
            "<description>a</description></descriptions><descriptions><description>b</description>"
            "</descriptions></format></formats>",
            {"formats": [{"name": "CD"}, {"name": "CD", "descriptions": ["a", "b"]}]},
        ),
        ("<title>a</title><title/><title>a</title>", {"title": "a"}),
        ("<master_id/><master_id>5</master_id>", {"master_id": 5}),
        ("<artists><artist><id>0</id><id>7</id></artist></artists>", {"artists": [{"id": 7}]}),
    ],
)
def test_a_list_given_twice_is_one_list_and_the_same_said_again_is_fine(
    body: str, expected: dict[str, Any]
) -> None:
    _, found, odd = walk(f'<release id="1">{body}</release>', Entity.RELEASE)
    assert (found, odd) == (expected, Oddities())


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<title>a</title><title>b</title>", "release/title"),
        ("<master_id>1</master_id><master_id>2</master_id>", "release/master_id"),
        (
            '<master_id is_main_release="true">1</master_id><master_id>1</master_id>',
            "release/master_id",
        ),
        (
            "<artists><artist><id>1</id><id>2</id></artist></artists>",
            "release/artists/artist/id",
        ),
        (
            "<companies><company><catno>a</catno><catno>b</catno></company></companies>",
            "release/companies/company/catno",
        ),
        (
            "<videos><video><title>a</title><title>b</title></video></videos>",
            "release/videos/video/title",
        ),
        (
            _TRACKS.format("<position>1</position><position>2</position>"),
            "release/tracklist/track/position",
        ),
    ],
)
def test_two_answers_to_one_question_are_refused(body: str, path: str) -> None:
    with pytest.raises(BadRecordError, match=f"^{path} twice, with different content$"):
        walk(f'<release id="1">{body}</release>', Entity.RELEASE)


@pytest.mark.parametrize("tag", ["artist", "label"])
def test_two_ids_of_a_record_are_refused(tag: str) -> None:
    with pytest.raises(BadRecordError, match="twice, with different content"):
        walk(f"<{tag}><id>1</id><name>a</name><id>2</id></{tag}>", Entity(tag))


def test_an_id_that_no_name_follows_is_a_member_too() -> None:
    raw = (
        "<artist><id>1</id><members><id>2</id><id>3</id><name>a</name><id>4</id></members></artist>"
    )
    members = walk(raw, Entity.ARTIST)[1]["members"]
    assert members == [{"id": 2}, {"id": 3, "name": "a"}, {"id": 4}]


def test_a_member_with_two_ids_is_refused() -> None:
    raw = '<artist><id>1</id><members><id>2</id><name id="3">a</name></members></artist>'
    with pytest.raises(BadRecordError, match="artist/members/name with two ids, '2' and '3'"):
        walk(raw, Entity.ARTIST)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("<genres><genre>a<b/></genre></genres>", "release/genres/genre/b"),
        ("<genres>Rock</genres>", "release/genres/text()"),
        ("<artists>Somebody</artists>", "release/artists/text()"),
        ("<artists><artist>Somebody</artist></artists>", "release/artists/artist/text()"),
        ("<artists><artist><name>a<b/></name></artist></artists>", "release/artists/artist/name/b"),
        ('<labels><label name="L"><x/></label></labels>', "release/labels/label/x"),
        ('<labels><label name="L">M</label></labels>', "release/labels/label/text()"),
        ('<formats><format name="CD">new</format></formats>', "release/formats/format/text()"),
        (
            "<identifiers><identifier>1</identifier></identifiers>",
            "release/identifiers/identifier/text()",
        ),
        ('<images><image type="a"><x/></image></images>', "release/images/image/x"),
        ('<videos><video src="s">a</video></videos>', "release/videos/video/text()"),
        ("<companies><company>a</company></companies>", "release/companies/company/text()"),
        (_TRACKS.format("Overture"), "release/tracklist/track/text()"),
        (_TRACKS.format("<title>a<b/></title>"), "release/tracklist/track/title/b"),
        ("<master_id>5<x/></master_id>", "release/master_id/x"),
        ("between<title>a</title>", "release/text()"),
        ("<genres><genre>a</genre>b</genres>", "release/genres/text()"),
    ],
)
def test_what_nothing_reads_is_told(regular_walkers: GroupWalkers, body: str, path: str) -> None:
    group = group_of(Entity.RELEASE, [record(Entity.RELEASE, 1, body)])
    assert declined(regular_walkers, group) == [0]
    for walker in (regular_walkers, None):
        parsed = parse(group, walker)
        assert path in parsed.odd
        assert not parsed.bad
