"""A release as Discogs' API has it, made of a record with every field, and of ones with few."""

from typing import Any

import pytest

from common.records import Release, Track
from serving.discogs.addresses import Addresses
from serving.discogs.dates import formatted
from serving.discogs.formats import quantity_of, short_line
from serving.discogs.release import release_of
from serving.discogs.tracks import tracklist_of
from tests.full_records import RELEASE

BASE = "http://here:8080/discogs"
ADDRESSES = Addresses(BASE)

ARTIST = {
    "name": "Prince (2)",
    "anv": "Prince",
    "join": "&",
    "role": "Producer",
    "tracks": "A1",
    "id": 5,
    "resource_url": f"{BASE}/artists/5",
}


@pytest.fixture(scope="module")
def full() -> dict[str, Any]:
    """The record with every field."""
    return release_of(9, RELEASE, ADDRESSES)


def test_its_own_addresses_are_here_and_its_page_is_at_discogs(full: dict[str, Any]) -> None:
    assert (full["id"], full["resource_url"]) == (9, f"{BASE}/releases/9")
    assert full["uri"] == "https://www.discogs.com/release/9-Prince-T"
    assert (full["master_id"], full["master_url"]) == (6, f"{BASE}/masters/6")


def test_who_made_it(full: dict[str, Any]) -> None:
    assert full["artists"] == [ARTIST]
    assert full["artists_sort"] == "Prince (2)"
    assert full["extraartists"] == [ARTIST, ARTIST]
    label = {"name": "L", "entity_type": "1", "entity_type_name": "Label", "id": 2}
    url = {"resource_url": f"{BASE}/labels/2"}
    assert full["labels"] == [label | url | {"catno": catno} for catno in ("X 1", "X 2")]
    [series] = full["series"]
    assert (series["id"], series["catno"], series["entity_type"]) == (3, "Vol. 1", "2")
    [company] = full["companies"]
    assert (company["entity_type"], company["entity_type_name"]) == ("17", "Pressed By")
    assert company["resource_url"] == f"{BASE}/labels/7"


def test_what_it_is(full: dict[str, Any]) -> None:
    assert (full["year"], full["released"], full["released_formatted"]) == (
        1959,
        "1959-08-00",
        "Aug 1959",
    )
    assert (full["country"], full["notes"], full["data_quality"]) == ("US", "N", "Correct")
    assert full["formats"] == [
        {"name": "Vinyl", "qty": "2", "text": "Red", "descriptions": ["LP", "Album"]}
    ]
    assert full["format_quantity"] == 2
    assert full["identifiers"] == [{"type": "Barcode", "value": "7 99", "description": "Sticker"}]
    assert (full["genres"], full["styles"]) == (["Jazz"], ["Bop", "Modal"])
    assert full["videos"] == [
        {"uri": "s", "title": "t", "description": "d", "duration": 61, "embed": True}
    ]
    assert full["images"] == [
        {
            "type": "primary",
            "uri": "u",
            "resource_url": "u",
            "uri150": "v",
            "width": 600,
            "height": 500,
        }
    ]


def test_what_no_dump_has_is_empty(full: dict[str, Any]) -> None:
    assert full["community"]["have"] == full["community"]["want"] == full["num_for_sale"] == 0
    assert full["community"]["rating"] == {"count": 0, "average": 0.0}
    assert full["community"]["contributors"] == []
    assert (full["thumb"], full["lowest_price"]) == ("", None)
    assert full["date_added"] is full["date_changed"] is None


def test_tracks_headings_and_indexes(full: dict[str, Any]) -> None:
    heading, index, track = full["tracklist"]
    assert heading == {"position": "", "type_": "heading", "title": "Side A", "duration": ""}
    assert (index["type_"], index["position"], index["duration"]) == ("index", "A1", "10:01")
    assert [(one["type_"], one["position"]) for one in index["sub_tracks"]] == [
        ("track", "A1.a"),
        ("track", "A1.b"),
    ]
    assert index["sub_tracks"][0]["artists"] == [ARTIST]
    assert track["type_"] == "track"
    assert track["extraartists"] == [ARTIST, ARTIST]
    assert "artists" not in track


def test_a_list_without_any_position_or_length_is_one_of_tracks() -> None:
    tracks: list[Track] = [{"title": "One"}, {"title": "Two"}, {}]
    assert [one["type_"] for one in tracklist_of(tracks, ADDRESSES)] == ["track"] * 3


def test_a_record_with_nothing_has_what_clients_ask_for() -> None:
    bare = release_of(1, {}, ADDRESSES)
    assert (bare["title"], bare["status"], bare["year"]) == ("", "Accepted", 0)
    empty = ("artists", "labels", "series", "companies", "formats", "tracklist", "identifiers")
    assert all(bare[key] == [] for key in empty)
    left_out = {"master_id", "country", "released", "released_formatted", "notes", "videos"}
    assert not left_out & bare.keys()
    assert bare["uri"] == "https://www.discogs.com/release/1"


def test_a_name_that_is_not_linked_has_the_id_0() -> None:
    release: Release = {"artists": [{"name": "Nobody"}]}
    [artist] = release_of(1, release, ADDRESSES)["artists"]
    assert (artist["id"], artist["resource_url"]) == (0, f"{BASE}/artists/0")


def test_artists_are_sorted_without_their_article() -> None:
    release: Release = {
        "artists": [{"name": "Stephan-G", "join": "&"}, {"name": "The Persuader", "join": ","}]
    }
    assert release_of(1, release, ADDRESSES)["artists_sort"] == "Stephan-G & Persuader, The"


@pytest.mark.parametrize(
    ("released", "said"),
    [
        ("2000-07-07", "07 Jul 2000"),
        ("1999-03-00", "Mar 1999"),
        ("1987-00-00", "1987"),
        ("2005", "2005"),
        ("200?", "200?"),
        ("1999-13-01", "1999"),
        ("", ""),
    ],
)
def test_dates_are_worded_as_by_discogs(released: str, said: str) -> None:
    assert formatted(released) == said


def test_formats_are_shortened_as_in_lists_of_discogs() -> None:
    vinyl: Any = {"name": "Vinyl", "qty": "10", "text": "Red"}
    vinyl["descriptions"] = ['12"', "45 RPM", "Limited Edition"]
    assert short_line([vinyl]) == '10x12", Ltd, Red'
    compact: Any = {"name": "CD", "qty": "4", "descriptions": ["Compilation", "Mixed"]}
    box: Any = {"name": "Box Set", "qty": "1", "text": "Art", "descriptions": ["Limited Edition"]}
    assert short_line([compact, box]) == "4xCD, Comp, Mixed + Box, Ltd, Art"
    assert short_line([{"name": "Vinyl"}]) == "Vinyl"


def test_a_quantity_that_is_no_number_counts_as_one() -> None:
    assert quantity_of([{"qty": "9" * 64}, {"qty": "²"}, {}, {"qty": "3"}]) == 6
