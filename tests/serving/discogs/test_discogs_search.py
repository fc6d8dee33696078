"""``/database/search``: every parameter alone and several together, as a naive search has it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import asyncpg
import pytest

from common.entities import Entity
from serving.discogs.finding import STATEMENTS
from serving.discogs.lists import SQL
from tests.serving.discogs.expected import Records, all_tracks, credits_of, names, year
from tests.serving.rig import Served

Release = Mapping[str, Any]


def words(text: str) -> set[str]:
    """Return the words of a text, of the plain kind that the tests ask for."""
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def somebody(people: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> Callable[[str], bool]:
    """Return what tells whether any of some people has the words of a name."""
    found = [words(names([one])) for one in people]
    return lambda asked: any(words(asked) <= one for one in found)


def digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def media(release: Release) -> set[str]:
    """Return media and descriptions, in lower case."""
    return {
        word.lower()
        for one in release["formats"]
        for word in (one["name"], *one.get("descriptions", []))
    }


FITS: Mapping[str, Callable[[Release, str], bool]] = {
    "release_title": lambda one, asked: words(asked) <= words(one["title"]),
    "title": lambda one, asked: words(asked) <= words(f"{one['title']} {names(one['artists'])}"),
    "artist": lambda one, asked: somebody(one["artists"])(asked),
    "anv": lambda one, asked: any(
        words(asked) <= words(artist.get("anv", "")) for artist in one["artists"]
    ),
    "label": lambda one, asked: any(
        words(asked) <= words(label.get("name", "")) for label in one["labels"]
    ),
    "catno": lambda one, asked: any(
        label.get("catno", "").lower() == asked.lower() for label in one["labels"]
    ),
    "credit": lambda one, asked: somebody(credits_of(one))(asked),
    "track": lambda one, asked: any(
        track.get("title", "").lower().startswith(asked.lower()) for track in all_tracks(one)
    ),
    "barcode": lambda one, asked: any(
        found["type"] == "Barcode" and digits(found["value"]) == digits(asked)
        for found in one.get("identifiers", [])
    ),
    "genre": lambda one, asked: asked.lower() in map(str.lower, one["genres"]),
    "style": lambda one, asked: asked.lower() in map(str.lower, one.get("styles", [])),
    "country": lambda one, asked: one.get("country", "").lower() == asked.lower(),
    "format": lambda one, asked: asked.lower() in media(one),
    "year": lambda one, asked: str(year(one)) == asked,
}

PLAIN = re.compile("[A-Za-z ]{3,}")


def sample(held: Records, name: str) -> str:
    """Return a value that some releases have."""
    return next(
        value
        for release in held[Entity.RELEASE].values()
        for value in _values(release, name)
        if name in ("year", "barcode", "catno") or PLAIN.fullmatch(value)
    )


def _values(release: Release, name: str) -> Iterator[str]:
    yield from {
        "release_title": [release["title"]],
        "title": [f"{release['artists'][0]['name']} - {release['title']}".replace("-", " ")],
        "artist": [one["name"] for one in release["artists"]],
        "anv": [one["anv"] for one in release["artists"] if "anv" in one],
        "label": [one["name"] for one in release["labels"] if "name" in one],
        "catno": [one["catno"] for one in release["labels"] if one.get("catno", "none").isalnum()],
        "credit": [one["name"] for one in credits_of(release)],
        "track": [one["title"] for one in all_tracks(release) if "title" in one],
        "barcode": [
            one["value"] for one in release.get("identifiers", []) if one["type"] == "Barcode"
        ],
        "genre": [one.upper() for one in release["genres"]],
        "style": [one.lower() for one in release.get("styles", [])],
        "country": [release.get("country", "").lower()],
        "format": [one["name"].lower() for one in release["formats"]],
        "year": [str(year(release))] if year(release) else [],
    }[name]


def searched(served: Served, **asked: str) -> list[dict[str, Any]]:
    """Return the results of all pages."""
    results: list[dict[str, Any]] = []
    for number in range(1, 1000):
        page = {"page": str(number), "per_page": "40"}
        answer = served.client.get("/discogs/database/search", params=asked | page)
        assert answer.status_code == 200, answer.text
        results += answer.json()["results"]
        if number == answer.json()["pagination"]["pages"]:
            assert len(results) == answer.json()["pagination"]["items"]
            return results
    raise AssertionError("there is no last page")


def fitting(held: Records, **asked: str) -> set[int]:
    """Return the releases that a naive search finds."""
    return {
        id_
        for id_, release in held[Entity.RELEASE].items()
        if all(FITS[name](release, value) for name, value in asked.items())
    }


@pytest.mark.parametrize("name", FITS)
def test_a_parameter_alone_finds_what_fits(served: Served, held: Records, name: str) -> None:
    asked = {name: sample(held, name)}
    releases = fitting(held, **asked)
    assert {one["id"] for one in searched(served, **asked, type="release")} == releases
    masters = {held[Entity.RELEASE][id_].get("master_id") for id_ in releases}
    found = {one["id"] for one in searched(served, **asked, type="master")}
    assert found >= masters & held[Entity.MASTER].keys()
    assert releases


@pytest.mark.parametrize("other", ["country", "year", "genre", "format"])
@pytest.mark.parametrize("name", ["artist", "style", "country", "track"])
def test_several_parameters_have_to_fit_together(
    served: Served, held: Records, name: str, other: str
) -> None:
    first = sample(held, name)
    release = held[Entity.RELEASE][min(fitting(held, **{name: first}))]
    second = next(_values(release, other), "")
    asked = {name: first, other: second}
    found = {one["id"] for one in searched(served, **asked, type="release")}
    assert found == fitting(held, **asked)


def test_words_find_artists_before_their_releases(served: Served, held: Records) -> None:
    name = sample(held, "artist")
    found = searched(served, q=name)
    assert found[0]["type"] == "artist"
    artist = held[Entity.ARTIST][found[0]["id"]]
    assert words(name) <= words(f"{artist['name']} {artist.get('name_variations', '')}")
    ids = {one["id"] for one in found if one["type"] == "release"}
    assert ids >= fitting(held, artist=name)


@pytest.mark.parametrize("type_", ["artist", "label"])
def test_names_are_found_by_title(served: Served, held: Records, type_: str) -> None:
    name = next(one["name"] for one in held[Entity(type_)].values() if PLAIN.fullmatch(one["name"]))
    found = searched(served, title=name, type=type_)
    assert name in {one["title"] for one in found}
    assert {one["type"] for one in found} == {type_}
    assert searched(served, title=name, type=type_, year="1999") == []


def test_a_result_is_as_at_discogs(served: Served, held: Records) -> None:
    id_, release = next(
        (id_, one)
        for id_, one in held[Entity.RELEASE].items()
        if "master_id" in one and PLAIN.fullmatch(one["title"]) and year(one)
    )
    results = searched(served, q=release["title"], type="release")
    one = next(one for one in results if one["id"] == id_)
    assert one["resource_url"] == f"{served.url}/discogs/releases/{id_}"
    assert one["uri"].startswith(f"/release/{id_}-")
    assert one["title"].endswith(f" - {release['title']}")
    assert (one["year"], one["country"]) == (str(year(release)), release.get("country", ""))
    assert (one["genre"], one["style"]) == (release["genres"], release.get("styles", []))
    assert one["master_url"] == f"{served.url}/discogs/masters/{release['master_id']}"
    assert one["label"][0] == release["labels"][0]["name"]
    assert one["community"] == {"want": 0, "have": 0}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"year": "nineteen"},
        {"barcode": "none"},
        {"style": "nobody's"},
        {"country": "Atlantis"},
        {"q": "word", "year": "x"},
        {"release_title": "zzzzzzzz"},
    ],
)
def test_what_nothing_fits_is_an_empty_list(served: Served, asked: dict[str, str]) -> None:
    assert searched(served, **asked) == []


def test_what_no_text_has_is_refused_and_what_is_long_is_cut(served: Served) -> None:
    path = "/discogs/database/search"
    assert served.client.get(path, params={"artist": "a\0b"}).status_code == 422
    assert served.client.get(path, params={"q": "word " * 900}).status_code == 200
    assert served.client.get(path, params={"track": "%_\\" * 900}).status_code == 200


LISTS: Mapping[str, list[Any]] = {
    "versions": [1, 10],
    "most_recent": [1],
    "discography": [1, 10, "year", False, 5, 0],
    "label_releases": [1, 10, "year", False, 5, 0],
    "details": [[1], [1], 1],
}


@pytest.mark.parametrize("driver", STATEMENTS)
async def test_every_search_begins_with_an_index(served: Served, driver: str) -> None:
    values: list[Any] = [*["a"] * 14, 1999, "a%", 10]
    assert "Seq Scan" not in await planned(served, STATEMENTS[driver], *values)


@pytest.mark.parametrize("name", LISTS)
async def test_every_list_begins_with_an_index(served: Served, name: str) -> None:
    assert "Seq Scan" not in await planned(served, SQL(name), *LISTS[name])


async def planned(served: Served, statement: str, *values: Any) -> str:
    """Return a plan.  Tables are small here: an index is to be taken where there is one."""
    connection = await asyncpg.connect(served.postgres_url)
    try:
        await connection.execute("SET enable_seqscan = off")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        return str(await (await connection.prepare(statement)).explain(*values))
    finally:
        await connection.close()
