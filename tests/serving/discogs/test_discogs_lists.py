"""Lists, page by page: all that the dumps have, each item once, in order."""

from collections.abc import Iterator
from typing import Any

import pytest

from common.entities import Entity
from tests.serving.discogs.expected import PARTS, Records, discography, of_label, year
from tests.serving.rig import Served

VARIOUS = 194


def pages(served: Served, path: str, key: str, **asked: str) -> Iterator[dict[str, Any]]:
    """Yield the items of a list, following the links from page to page."""
    url: str | None = str(served.client.build_request("GET", path, params=asked).url)
    while url:
        answer = served.client.get(url)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        yield from body[key]
        url = body["pagination"]["urls"].get("next")
        assert ("next" in answer.links) == bool(url)


def busiest(held: Records, key: str) -> int:
    """Return the artist or label that most releases name."""
    named: list[int] = [
        one["id"]
        for release in held[Entity.RELEASE].values()
        for one in release.get(key, [])
        if "id" in one and one["id"] != VARIOUS
    ]
    return max(set(named), key=named.count)


@pytest.mark.parametrize("artist", [VARIOUS, 1, 2, 3, 0])
def test_an_artists_list_has_all_parts(served: Served, held: Records, artist: int) -> None:
    artist = artist or busiest(held, "credits")
    found = list(pages(served, f"/discogs/artists/{artist}/releases", "releases", per_page="7"))
    listed = [(one["type"], one["id"], one["role"]) for one in found]
    assert len(listed) == len(set(listed))
    assert set(listed) == discography(held, artist)
    assert listed


@pytest.mark.parametrize("sort", ["year", "title", "format"])
def test_an_artists_list_is_sorted_within_each_role(
    served: Served, held: Records, sort: str
) -> None:
    path = f"/discogs/artists/{busiest(held, 'artists')}/releases"
    up, down = (
        list(pages(served, path, "releases", sort=sort, sort_order=order, per_page="500"))
        for order in ("asc", "desc")
    )
    ids = [{(one["type"], one["id"], one["role"]) for one in found} for found in (up, down)]
    assert ids[0] == ids[1]
    for found in (up, down):
        roles = [PARTS.index(one["role"]) for one in found]
        assert roles == sorted(roles)
    if sort == "year":
        years = [(PARTS.index(one["role"]), one.get("year", 9999)) for one in up]
        assert years == sorted(years)
        years = [(PARTS.index(one["role"]), -one.get("year", -9999)) for one in down]
        assert years == sorted(years)


def test_an_item_says_what_the_release_says(served: Served, held: Records) -> None:
    path = f"/discogs/artists/{busiest(held, 'artists')}/releases"
    checked = 0
    for one in pages(served, path, "releases", per_page="100"):
        entity = Entity(one["type"])
        record = held[entity][one["id"]]
        assert one["title"] == record.get("title", "")
        known = record.get("year") if entity is Entity.MASTER else year(record)
        assert one.get("year") == known
        assert one["resource_url"] == f"{served.url}/discogs/{entity.plural}/{one['id']}"
        if entity is Entity.RELEASE:
            assert one["label"] == ", ".join(label["name"] for label in record["labels"])
            checked += 1
        else:
            assert one["main_release"] == record["main_release"]
    assert checked


@pytest.mark.parametrize("key", ["labels", "companies", "series"])
def test_a_labels_list_has_all_releases(served: Served, held: Records, key: str) -> None:
    label = busiest(held, key)
    path = f"/discogs/labels/{label}/releases"
    found = list(pages(served, path, "releases", per_page="9"))
    assert len(found) == len({one["id"] for one in found})
    assert {one["id"]: one["catno"] for one in found} == of_label(held, label)
    up = [one["title"].lower() for one in pages(served, path, "releases", sort="title")]
    down = pages(served, path, "releases", sort="title", sort_order="desc")
    assert [one["title"].lower() for one in down] == up[::-1]


def test_versions_are_those_of_the_master(served: Served, held: Records) -> None:
    masters = [one["master_id"] for one in held[Entity.RELEASE].values() if "master_id" in one]
    master = max(set(masters), key=masters.count)
    path = f"/discogs/masters/{master}/versions"
    versions = {
        id_: one for id_, one in held[Entity.RELEASE].items() if one.get("master_id") == master
    }
    found = list(pages(served, path, "versions", per_page="2"))
    assert {one["id"] for one in found} == versions.keys()
    assert len(found) == len(versions)
    years = [one["released"] or "9999" for one in found]
    assert years == sorted(years)
    for one in found:
        release = versions[one["id"]]
        assert one["title"] == release["title"]
        assert one["country"] == release.get("country", "")
        media = dict.fromkeys(form["name"] for form in release["formats"])
        assert one["major_formats"] == list(media)
    country = next(one["country"] for one in found if one["country"])
    of_country = pages(served, path, "versions", country=country.lower())
    wanted = {id_ for id_, one in versions.items() if one.get("country") == country}
    assert {one["id"] for one in of_country} == wanted


def test_a_page_beyond_the_end_is_not_there(served: Served) -> None:
    for path in ("artists/1/releases", "labels/1/releases", "masters/1/versions"):
        answer = served.client.get(f"/discogs/{path}", params={"page": 1000})
        assert answer.status_code == 404
        assert "outside" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("artists/1/releases", "sort=colour"),
        ("artists/1/releases", "sort_order=up"),
        ("artists/1/releases", "page=0"),
        ("labels/1/releases", "per_page=none"),
        ("masters/1/versions", "page=99999999999999999999"),
        ("database/search", "type=track"),
    ],
)
def test_what_cannot_be_asked_is_named(served: Served, path: str, asked: str) -> None:
    answer = served.client.get(f"/discogs/{path}?{asked}")
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(asked.partition("=")[0])
