"""The oracle's own reading of odd records, against rows written down by hand."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from common.entities import Entity
from tests.oracle import Load, after
from tests.oracle.graph_rows import expected_graph
from tests.oracle.postgres import expected_rows
from tests.oracle.values import seconds, year

ARTISTS = """<artists>
<artist><id>5</id><name>A &amp; B (2)</name><realname></realname><profile>x&#13;
y</profile><urls><url></url><url>http://a</url></urls><members><id>7</id><name>Old</name>\
<id>8</id><name id="8">Newer</name><name>None</name></members></artist>
</artists>"""

RELEASES = """<releases>
<release id="9" status="Accepted"><artists><artist><id>0</id><name>No one</name><anv></anv>\
<join>&amp;</join></artist><artist><id>5</id><name>A</name></artist></artists><title>T</title>\
<labels><label id="3" name="L" catno="none"/><label id="3" name="L" catno="none"/></labels>\
<extraartists/><genres><genre>Rock</genre></genres><styles><style>Punk</style></styles>\
<released>1980s</released><master_id is_main_release="false">0</master_id><tracklist>\
<track><position></position><title>Index</title><sub_tracks><track><position>a</position>\
<title>Sub</title><duration>1:02:03</duration></track></sub_tracks></track></tracklist></release>
</releases>"""


def load(folder: Path, entity: Entity, xml: str, date: int = 20260101) -> Load:
    path = folder / f"discogs_{date}_{entity.plural}.xml.gz"
    path.write_bytes(gzip.compress(xml.encode()))
    return Load(path)


def rows(table: str, *loads: Load) -> list[dict[str, Any]]:
    return [dict(row) for row in expected_rows(after(*loads))[table]]


def test_what_a_dump_leaves_empty_is_absent(tmp_path: Path) -> None:
    artists = load(tmp_path, Entity.ARTIST, ARTISTS)
    assert rows("artist", artists) == [
        {
            "id": 5,
            "dump": 20260101,
            "name": "A & B (2)",
            "real_name": None,
            "profile": "x\r\ny",
            "data_quality": None,
        }
    ]
    assert rows("artist_url", artists) == [{"artist_id": 5, "sequence": 1, "url": "http://a"}]
    members = [(row["member_id"], row["name"]) for row in rows("group_member", artists)]
    assert members == [(7, "Old"), (8, "Newer"), (None, "None")]


def test_a_release_has_its_rows(tmp_path: Path) -> None:
    releases = load(tmp_path, Entity.RELEASE, RELEASES)
    (release,) = rows("release", releases)
    said = {name: release[name] for name in ("master_id", "is_main_release", "year", "status")}
    assert said == {"master_id": None, "is_main_release": False, "year": 1980, "status": "Accepted"}
    artists = [(row["artist_id"], row["join_phrase"]) for row in rows("release_artist", releases)]
    assert artists == [(None, "&"), (5, None)]
    assert len(rows("release_label", releases)) == 2
    tracks = [
        (row["sequence"], row["parent_sequence"], row["position"], row["seconds"])
        for row in rows("release_track", releases)
    ]
    assert tracks == [(1, None, None, None), (2, 1, "a", 3723)]


def test_the_graph_has_distinct_edges_and_stubs(tmp_path: Path) -> None:
    graph = expected_graph(after(load(tmp_path, Entity.RELEASE, RELEASES)))
    release = ("Release", 9)
    assert graph.edges == {
        ("BY", release, ("Artist", 5), (("position", 2),)),
        ("ON", release, ("Label", 3), (("catno", "none"),)),
        ("IS", release, ("Genre", "Rock"), ()),
        ("IS", release, ("Style", "Punk"), ()),
    }
    assert graph.nodes[("Artist", 5)] == {"id": 5}
    assert graph.nodes[("Style", "Punk")] == {"name": "Punk"}
    assert graph.parts == {("PART_OF", ("Style", "Punk"), ("Genre", "Rock"), ())}


OLD = """<releases>
<release id="9"><master_id>4</master_id><genres><genre>Rock</genre></genres>\
<genres><genre>Jazz</genre></genres></release>
</releases>"""


def test_what_an_old_dump_does_not_say_is_not_there(tmp_path: Path) -> None:
    releases = load(tmp_path, Entity.RELEASE, OLD, date=20150801)
    assert [row["is_main_release"] for row in rows("release", releases)] == [None]
    edges = expected_graph(after(releases)).edges
    assert ("DERIVED_FROM", ("Release", 9), ("Master", 4), ()) in edges


def test_a_list_given_twice_is_one_list(tmp_path: Path) -> None:
    releases = load(tmp_path, Entity.RELEASE, OLD)
    assert [row["genre"] for row in rows("release_genre", releases)] == ["Rock", "Jazz"]


def test_both_sides_of_a_relation_are_edges(tmp_path: Path) -> None:
    graph = expected_graph(after(load(tmp_path, Entity.ARTIST, ARTISTS)))
    assert graph.edges == {("HAS_MEMBER", ("Artist", 5), ("Artist", n), ()) for n in (7, 8)}


def test_a_row_keeps_the_dump_that_changed_it(tmp_path: Path) -> None:
    both = ARTISTS.replace("</artists>", "<artist><id>6</id><name>C</name></artist></artists>")
    first = load(tmp_path, Entity.ARTIST, both)
    second = load(tmp_path, Entity.ARTIST, both.replace(">C<", ">D<"), date=20260201)
    third = load(tmp_path, Entity.ARTIST, ARTISTS, date=20260301)
    held = [(row["id"], row["dump"]) for row in rows("artist", first, second)]
    assert held == [(5, 20260101), (6, 20260201)]
    left_out = Load(second.path, quarantined={6})
    assert [row["name"] for row in rows("artist", first, left_out)] == ["C", "A & B (2)"]
    assert [row["id"] for row in rows("artist", first, second, third)] == [5]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("3:45", 225),
        ("3:5", 185),
        ("90:00", 5400),
        ("1:02:03", 3723),
        ("1:72:03", None),
        ("0:61", None),
        ("3'45", None),
        ("about 3:45", None),
        ("", None),
        (None, None),
    ],
)
def test_seconds(text: str | None, length: int | None) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1999-03-00", 1999),
        ("20061014", 2006),
        ("1980s", 1980),
        ("200?", None),
        ("0999", None),
        ("\uff11\uff19\uff19\uff19", None),
        (None, None),
    ],
)
def test_year(text: str | None, found: int | None) -> None:
    assert year(text) == found
