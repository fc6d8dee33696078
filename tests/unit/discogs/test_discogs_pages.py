"""Pages as Discogs counts them, and where the others are."""

import pytest
from starlette.datastructures import QueryParams

from serving.discogs.pages import MOST_PER_PAGE, Page, link_header, page_of, pagination_of

LIST = "http://here/discogs/artists/1/releases"


@pytest.mark.parametrize(
    ("page", "items", "pages", "rels"),
    [
        (1, 0, 1, []),
        (1, 50, 1, []),
        (1, 51, 2, ["last", "next"]),
        (2, 51, 2, ["first", "prev"]),
        (2, 101, 3, ["first", "prev", "last", "next"]),
    ],
)
def test_the_others_are_named(page: int, items: int, pages: int, rels: list[str]) -> None:
    said = pagination_of(Page(page), items, LIST, QueryParams(""))
    assert (said["page"], said["pages"], said["per_page"], said["items"]) == (
        page,
        pages,
        50,
        items,
    )
    assert list(said["urls"]) == rels


def test_an_address_keeps_what_was_asked_and_not_who_asked() -> None:
    asked = QueryParams("sort=year&token=secret&page=2&format=LP&format=7%22&per_page=10")
    said = pagination_of(Page(2, 10), 21, LIST, asked)
    assert said["urls"]["next"] == f"{LIST}?sort=year&format=LP&format=7%22&page=3&per_page=10"
    assert 'page=1&per_page=10>; rel="prev"' in link_header(said)["Link"]


def test_a_list_of_one_page_has_no_link() -> None:
    assert link_header(pagination_of(Page(1), 3, LIST, QueryParams(""))) == {}


def test_a_page_has_so_many_items_and_no_more() -> None:
    assert page_of(3, 1_000_000) == Page(3, MOST_PER_PAGE)
    assert page_of(3, 20).offset == 40


def test_the_first_page_of_an_empty_list_is_there() -> None:
    assert Page(1).is_there(0)
    assert not Page(2).is_there(50)
    assert Page(2).is_there(51)
