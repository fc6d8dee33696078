"""Pages of a list, as Discogs counts them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from serving.placing import CREDENTIALS

MOST_PER_PAGE = 500
"""Discogs gives 100; what is more than this is taken for this, as there."""

MOST_ITEMS = 10_000
"""A list ends here: to count and sort further costs more than anybody reads."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, from 1, and how many items a page has."""

    number: int = 1
    size: int = 50

    @property
    def offset(self) -> int:
        """How many items stand before it."""
        return (self.number - 1) * self.size

    def pages(self, items: int) -> int:
        """Return how many pages so many items have; an empty list has one."""
        return max(1, -(-items // self.size))

    def is_there(self, items: int) -> bool:
        """Tell whether a list of so many items has it."""
        return self.number <= self.pages(items)


def page_of(number: int, size: int) -> Page:
    """Return the page that is asked for."""
    return Page(number, min(size, MOST_PER_PAGE))


def pagination_of(page: Page, items: int, address: str, asked: QueryParams) -> dict[str, Any]:
    """Return what stands beside a list; ``address`` is the list's own, without its query."""
    urls = {
        rel: _address(address, asked, Page(number, page.size))
        for rel, number in _others(page, items)
    }
    return {
        "page": page.number,
        "pages": page.pages(items),
        "per_page": page.size,
        "items": items,
        "urls": urls,
    }


def link_header(pagination: dict[str, Any]) -> dict[str, str]:
    """Return the header that says the same, if there are other pages."""
    links = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in pagination["urls"].items())
    return {"Link": links} if links else {}


def _others(page: Page, items: int) -> Iterable[tuple[str, int]]:
    last = page.pages(items)
    if page.number > 1:
        yield "first", 1
        yield "prev", page.number - 1
    if page.number < last:
        yield "last", last
        yield "next", page.number + 1


def _address(address: str, asked: QueryParams, page: Page) -> str:
    """Return where a page is: what was asked, but for who asked."""
    own = {"page", "per_page"} | CREDENTIALS
    others = [(key, value) for key, value in asked.multi_items() if key not in own]
    return f"{address}?{urlencode([*others, ('page', page.number), ('per_page', page.size)])}"
