"""A master's versions: filtered, sorted, counted."""

from typing import Any

import orjson
import pytest

from serving.discogs.addresses import Addresses
from serving.discogs.versions import Version, chosen, facets_of, version_item, version_of


def version(id_: int, **said: Any) -> Version:
    """Return a version as the database has it."""
    row = {"id": id_, "title": "T", "country": None, "released": None, "year": None}
    lists = {key: orjson.dumps(said.pop(key, [])) for key in ("labels", "formats")}
    return version_of(row | said | lists)


LP = {"name": "Vinyl", "qty": "2", "descriptions": ["LP", "Album"], "text": "Red"}
CD = {"name": "CD", "descriptions": ["Album", "Reissue"]}
FIRST = version(
    3,
    country="UK",
    released="1993-05-00",
    year=1993,
    labels=[{"name": "R & S", "catno": "RSGB 1"}, {"name": "R & S", "catno": "RSGB 2"}],
    formats=[LP],
)
SECOND = version(
    1, country="US", released="1999", year=1999, labels=[{"name": "Epic"}], formats=[CD]
)
UNKNOWN = version(2, title="A", formats=[LP, CD])
ALL = [FIRST, SECOND, UNKNOWN]


def test_an_item_is_as_at_discogs() -> None:
    item = version_item(FIRST, Addresses("http://here"))
    assert item["major_formats"] == ["Vinyl"]
    assert (item["format"], item["label"], item["catno"], item["released"]) == (
        "LP, Album, Red",
        "R & S",
        "RSGB 1, RSGB 2",
        "1993",
    )
    assert item["resource_url"] == "http://here/releases/3"
    assert version_item(UNKNOWN, Addresses(""))["released"] == ""


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("released", [3, 1, 2]),
        ("title", [2, 1, 3]),
        ("format", [1, 3, 2]),
        ("label", [2, 1, 3]),
        ("catno", [1, 2, 3]),
        ("country", [2, 3, 1]),
    ],
)
def test_they_are_sorted(sort: str, ids: list[int]) -> None:
    assert [one.id for one in chosen(ALL, {}, sort, descending=False)] == ids


def test_equal_ones_stand_by_their_ids_either_way() -> None:
    same = [version(id_) for id_ in (2, 3, 1)]
    for descending in (False, True):
        assert [one.id for one in chosen(same, {}, "title", descending=descending)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"format": ["vinyl"]}, {2, 3}),
        ({"format": ["Reissue", "LP"]}, {1, 2, 3}),
        ({"format": ["Red"]}, set()),
        ({"label": ["epic"]}, {1}),
        ({"country": ["UK"], "released": ["1993"]}, {3}),
        ({"country": ["UK"], "released": ["1999"]}, set()),
        ({"country": []}, {1, 2, 3}),
    ],
)
def test_every_filter_has_to_fit(filters: dict[str, list[str]], ids: set[int]) -> None:
    assert {one.id for one in chosen(ALL, filters, "title", descending=False)} == ids


def test_facets_count_versions() -> None:
    found = facets_of(ALL, {"country": ["UK"], "label": []})
    assert found["filters"]["applied"] == {"country": ["UK"]}
    assert found["filters"]["available"]["format"] == {
        "Album": 3,
        "CD": 2,
        "LP": 2,
        "Reissue": 2,
        "Vinyl": 2,
    }
    assert found["filters"]["available"]["country"] == {"UK": 1, "US": 1}
    label = found["filter_facets"][1]
    assert (label["id"], label["title"], label["allows_multiple_values"]) == (
        "label",
        "Label",
        True,
    )
    assert label["values"][1] == {"title": "R & S", "value": "R+%26+S", "count": 1}
