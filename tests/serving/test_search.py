"""Search over HTTP, on a loaded catalogue: words, filters, pages, numbers, corrections."""

from collections.abc import Iterator
from typing import Any

import pytest

from common.entities import Entity
from tests.serving.rig import Served

ARTIST, LABEL, MASTER, RELEASE = Entity


def found(served: Served, **asked: Any) -> dict[str, Any]:
    answer = served.client.get("/v1/search", params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ids(body: dict[str, Any], kind: str) -> set[int]:
    return {one["id"] for one in body["results"] if one["type"] == kind}


def text(served: Served, entity: Entity, path: str) -> Iterator[tuple[int, str]]:
    """Yield what records of month 1 say in an element, ascending by id."""
    for id_, held in sorted(served.truth(1).records[entity].items()):
        if said := held.element.findtext(path):
            yield id_, said


def test_a_release_is_found_by_artist_and_title_and_says_both(served: Served) -> None:
    id_, title = next(text(served, RELEASE, "title"))
    element = served.truth(1).records[RELEASE][id_].element
    artist = element.findtext("artists/artist/name")
    body = found(served, q=f"{title} {artist}".upper(), type="release", limit=100)
    (hit,) = (one for one in body["results"] if one["id"] == id_)
    assert hit["title"] == title
    assert hit["country"] == element.findtext("country")
    assert body["total"] >= len(body["results"])


def test_filters_find_what_the_dump_says(served: Served) -> None:
    releases = served.truth(1).records[RELEASE]
    style = next(text(served, RELEASE, "styles/style"))[1]
    country = next(text(served, RELEASE, "country"))[1]
    expected = {
        id_
        for id_, held in releases.items()
        if country == held.element.findtext("country")
        and style in [one.text for one in held.element.iterfind("styles/style")]
    }
    body = found(served, style=style, country=country, type="release", limit=100)
    assert ids(body, "release") == expected
    assert body["total"] == len(expected)


def test_what_only_releases_have_is_looked_for_in_releases(served: Served) -> None:
    label = next(text(served, LABEL, "name"))[1]
    body = found(served, label=label, limit=100)
    assert {one["type"] for one in body["results"]} == {"release"}
    expected = {
        id_
        for id_, held in served.truth(1).records[RELEASE].items()
        if label in [one.get("name") for one in held.element.iterfind("labels/label")]
    }
    assert expected == ids(body, "release")


def test_pages_together_are_all_there_is_each_once(served: Served) -> None:
    asked = {"genre": next(text(served, RELEASE, "genres/genre"))[1]}
    pages: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = found(served, **asked, after=after, limit=30)
        pages.extend(page["results"])
        after = page.get("after")
    assert len({(one["type"], one["id"]) for one in pages}) == len(pages) == page["total"]
    assert found(served, **asked, limit=100)["results"] == pages[:100]


@pytest.mark.parametrize("entity", list(Entity))
def test_digits_are_an_id_too(served: Served, entity: Entity) -> None:
    id_ = max(served.truth(1).records[entity])
    assert id_ in ids(found(served, q=str(id_), type=entity.value), entity.value)


def barcodes(served: Served) -> Iterator[tuple[int, str]]:
    for id_, held in sorted(served.truth(1).records[RELEASE].items()):
        for one in held.element.iterfind("identifiers/identifier[@type='Barcode']"):
            value = one.get("value") or ""
            if len([digit for digit in value if digit.isdigit()]) >= 6:
                yield id_, value


def test_a_barcode_is_found_however_it_is_written(served: Served) -> None:
    id_, written = next(barcodes(served))
    digits = "".join(one for one in written if one.isdigit())
    for asked in (written, digits, " ".join(digits)):
        answer = served.client.get(f"/v1/lookup/barcode/{asked}")
        assert id_ in ids(answer.json(), "release")
        assert id_ in ids(found(served, barcode=asked), "release")
    assert found(served, q=digits)["results"][0]["id"] == id_


def numbers(served: Served) -> Iterator[tuple[int, str, str, str]]:
    """Yield releases with the catalogue number, the name and the id of their first label."""
    for id_, held in sorted(served.truth(1).records[RELEASE].items()):
        for label in held.element.iterfind("labels/label"):
            number = label.get("catno") or ""
            if any(map(str.isdigit, number)):
                yield id_, number, label.get("name") or "", label.get("id") or ""


def test_a_catalogue_number_is_found_alone_and_with_its_label(served: Served) -> None:
    id_, number, name, label_id = next(numbers(served))
    squeezed = "".join(one for one in number.lower() if one.isalnum())
    for path in (number, squeezed, f"{name}/{number}", f"{label_id}/{number}"):
        answer = served.client.get(f"/v1/lookup/catno/{path}")
        assert id_ in ids(answer.json(), "release"), path
    assert not served.client.get(f"/v1/lookup/catno/{number}0x").json()["results"]


def swapped(word: str) -> str:
    """Return a word with two letters in the middle in each other's place."""
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


def test_a_word_misspelt_is_corrected_and_that_is_said(served: Served) -> None:
    names = (one for one in text(served, ARTIST, "name") if one[1].isascii() and one[1].isalpha())
    id_, name = next(one for one in names if len(one[1]) >= 8 and swapped(one[1]) != one[1])
    body = found(served, q=swapped(name), type="artist")
    assert body["corrected"] == name.lower()
    assert id_ in ids(body, "artist")
    assert "corrected" not in found(served, q=name, type="artist")


def test_a_beginning_is_completed(served: Served) -> None:
    id_, name = next(one for one in text(served, ARTIST, "name") if len(one[1]) > 6)
    answer = served.client.get("/v1/suggest", params={"q": name[:5].lower(), "limit": 20})
    assert {"type": "artist", "id": id_, "name": name} in answer.json()["results"]


def test_an_answer_says_how_fresh_it_is(served: Served) -> None:
    asked = {"q": "the", "type": "label"}
    fresh = served.client.get("/v1/search", params=asked).headers["x-waxline-as-of"]
    assert fresh.startswith("label=")
    assert served.client.get("/v1/suggest", params=asked).headers["x-waxline-as-of"] == fresh


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"q": ""},
        {"q": " "},
        {"q": "a\0b"},
        {"q": "x" * 1_000},
        {"q": " ".join(["word"] * 1_000)},
        {"q": " ".join(["a"] * 21)},
        {"country": "US"},
        {"q": "a", "type": "track"},
        {"q": "a", "limit": "0"},
        {"q": "a", "limit": "101"},
        {"q": "a", "year_from": "-1"},
        {"q": "a", "year_to": "many"},
        {"q": "a", "after": "?"},
        {"q": "a", "after": "AAAA"},
        {"barcode": "x" * 201},
    ],
    ids=lambda asked: str(asked)[:30],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    served: Served, asked: dict[str, str]
) -> None:
    answer = served.client.get("/v1/search", params=asked)
    assert answer.status_code == 422
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "q",
    [
        "!!!",
        "& | ! ( ) <-> :* '' \\",
        "\u2620\ufe0f \U0001f480",
        "\u202e\u05d0\u05d1\u202c",
        "'; DROP TABLE discogs.release; --",
        "\ufdfa" * 200,
        "%_%",
        "\ud7ff\ufffd\uffff",
        "{}",
        "9" * 200,
        "NULL",
        "a:* & b",
    ],
)
def test_strange_texts_are_answered(served: Served, q: str) -> None:
    assert found(served, q=q, title="")["results"] == found(served, q=q)["results"]
    assert served.client.get("/v1/suggest", params={"q": q}).status_code == 200


def test_a_query_without_end_is_refused_and_it_goes_on_answering(served: Served) -> None:
    long = served.client.get("/v1/search?q=" + "x" * 60_000)
    assert 400 <= long.status_code < 500
    assert found(served, q="the")["total"] >= 0


def test_a_load_is_found_as_soon_as_it_is_written(served: Served) -> None:
    """Last: it loads month 2."""
    before, after = (served.truth(month).records[RELEASE] for month in (1, 2))
    new = min(after.keys() - before.keys())
    gone = min(before.keys() - after.keys())
    served.load_month(2)
    title = after[new].element.findtext("title")
    assert new in ids(found(served, title=title, type="release", limit=100), "release")
    former = before[gone].element.findtext("title")
    assert gone not in ids(found(served, title=former, type="release", limit=100), "release")
