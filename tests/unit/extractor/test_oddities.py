"""What the walkers do not know is counted under its path, and nothing else is."""

import pytest

from common.entities import Entity
from extractor.parsing.groups import Parsed
from tests.unit.extractor.groups import Parse, group_of, record

ARTIST, LABEL, MASTER, RELEASE = Entity


def parse_bodies(parse: Parse, entity: Entity, *bodies: str) -> Parsed:
    """Parse records of these bodies."""
    return parse(group_of(entity, [record(entity, i, body) for i, body in enumerate(bodies, 1)]))


@pytest.mark.parametrize(
    ("entity", "body", "path"),
    [
        (ARTIST, "<new/>", "artist/new"),
        (ARTIST, "<name><i>b</i></name>", "artist/name/i"),
        (ARTIST, "<urls><uri/></urls>", "artist/urls/uri"),
        (ARTIST, "<aliases><alias/></aliases>", "artist/aliases/alias"),
        (ARTIST, "<images><picture/></images>", "artist/images/picture"),
        (LABEL, "<parentlabel/>", "label/parentlabel"),
        (LABEL, "<sublabels><sub/></sublabels>", "label/sublabels/sub"),
        (MASTER, "<artists><a/></artists>", "master/artists/a"),
        (MASTER, "<artists><artist><x/></artist></artists>", "master/artists/artist/x"),
        (MASTER, "<videos><video><x/></video></videos>", "master/videos/video/x"),
        (MASTER, "<videos><film/></videos>", "master/videos/film"),
        (RELEASE, "<labels><series/></labels>", "release/labels/series"),
        (RELEASE, "<formats><format><x/></format></formats>", "release/formats/format/x"),
        (RELEASE, "<formats><x/></formats>", "release/formats/x"),
        (RELEASE, "<companies><company><x/></company></companies>", "release/companies/company/x"),
        (RELEASE, "<identifiers><x/></identifiers>", "release/identifiers/x"),
        (RELEASE, "<tracklist><x/></tracklist>", "release/tracklist/x"),
        (RELEASE, "<tracklist><track><x/></track></tracklist>", "release/tracklist/track/x"),
        (
            RELEASE,
            "<tracklist><track><sub_tracks><track><x/></track></sub_tracks></track></tracklist>",
            "release/tracklist/track/sub_tracks/track/x",
        ),
        (RELEASE, "<extraartists><x/></extraartists>", "release/extraartists/x"),
    ],
)
def test_unknown_elements(parse: Parse, entity: Entity, body: str, path: str) -> None:
    parsed = parse_bodies(parse, entity, body, "", body)
    assert parsed.odd == {path: 2}
    assert not parsed.bad


def test_an_element_inside_a_text(parse: Parse) -> None:
    parsed = parse_bodies(parse, ARTIST, "<name>a<i>b</i></name>", "")
    assert parsed.odd == {"artist/name/i": 1, "artist/name/text()": 1}
    assert not parsed.bad


@pytest.mark.parametrize(
    ("entity", "body", "path"),
    [
        (ARTIST, '<name x="1"/>', "artist/name/@x"),
        (ARTIST, '<urls><url x="1"/></urls>', "artist/urls/url/@x"),
        (ARTIST, '<members x="1"/>', "artist/members/@x"),
        (ARTIST, '<members><name x="1"/></members>', "artist/members/name/@x"),
        (ARTIST, '<images><image x="1"/></images>', "artist/images/image/@x"),
        (LABEL, '<parentLabel x="1"/>', "label/parentLabel/@x"),
        (LABEL, '<sublabels><label x="1"/></sublabels>', "label/sublabels/label/@x"),
        (MASTER, '<year x="1"/>', "master/year/@x"),
        (MASTER, '<videos><video x="1"/></videos>', "master/videos/video/@x"),
        (MASTER, '<videos><video><title x="1"/></video></videos>', "master/videos/video/title/@x"),
        (RELEASE, '<master_id x="1"/>', "release/master_id/@x"),
        (RELEASE, '<labels><label x="1"/></labels>', "release/labels/label/@x"),
        (RELEASE, '<series><series x="1"/></series>', "release/series/series/@x"),
        (RELEASE, '<formats><format x="1"/></formats>', "release/formats/format/@x"),
        (
            RELEASE,
            '<identifiers><identifier x="1"/></identifiers>',
            "release/identifiers/identifier/@x",
        ),
        (
            RELEASE,
            '<formats><format><descriptions><description x="1"/></descriptions></format></formats>',
            "release/formats/format/descriptions/description/@x",
        ),
        (
            RELEASE,
            '<tracklist><track><artists><artist><id x="1"/></artist></artists></track></tracklist>',
            "release/tracklist/track/artists/artist/id/@x",
        ),
        (
            RELEASE,
            '<companies><company id="5"><name>c</name></company></companies>',
            "release/companies/company/@id",
        ),
    ],
)
def test_unknown_attributes(parse: Parse, entity: Entity, body: str, path: str) -> None:
    assert parse_bodies(parse, entity, body, "", body).odd == {path: 2}


@pytest.mark.parametrize("entity", list(Entity))
def test_unknown_attributes_of_the_record_itself(parse: Parse, entity: Entity) -> None:
    raw = record(entity, 1, attributes=' x="1" y="2"')
    assert parse(group_of(entity, [raw])).odd == {f"{entity}/@x": 1, f"{entity}/@y": 1}


def test_attributes_are_counted_beside_a_spoiled_record_too(parse: Parse) -> None:
    raws: list[str | bytes] = [record(ARTIST, 1, "<"), record(ARTIST, 2, '<name x="1"/>')]
    parsed = parse(group_of(ARTIST, raws))
    assert [position for position, _ in parsed.bad] == [0]
    assert parsed.odd == {"artist/name/@x": 1}


@pytest.mark.parametrize(
    ("entity", "body", "path"),
    [
        (ARTIST, '<images><image width="wide"/></images>', "artist/images/image/@width"),
        (MASTER, "<year>19??</year>", "master/year"),
        (MASTER, "<year>-5</year>", "master/year"),
        (MASTER, f"<year>{2**31}</year>", "master/year"),
        (MASTER, '<videos><video duration="3:05"/></videos>', "master/videos/video/@duration"),
    ],
)
def test_odd_numbers(parse: Parse, entity: Entity, body: str, path: str) -> None:
    parsed = parse_bodies(parse, entity, body, body)
    assert parsed.odd == {f"{path}: not a number": 2}
    assert b'data":{}' in parsed.bodies[0]
