"""What may be asked of a list, and how the answer is put together."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import orjson
from fastapi import Path, Query
from starlette.datastructures import QueryParams

from serving.answers import Answer, message
from serving.discogs.pages import Page, link_header, page_of, pagination_of

_MOST = 10**9
"""Of any number that is asked for: what PostgreSQL counts in must not run over."""

Id = Annotated[int, Path(ge=0, le=10**18)]
PageNumber = Annotated[int, Query(ge=1, le=_MOST)]
PerPage = Annotated[int, Query(ge=1, le=_MOST)]
SortOrder = Literal["asc", "desc"]
Values = Annotated[Sequence[str], Query()]
"""A parameter that may be given several times."""


def asked_page(page: PageNumber = 1, per_page: PerPage = 50) -> Page:
    """Return the page that a request asks for."""
    return page_of(page, per_page)


def list_answer(
    address: str, asked: QueryParams, page: Page, items: int, content: dict[str, Any]
) -> Answer:
    """Return a page of the list at an address, or that there is none: clients take that for the
    end."""
    if not page.is_there(items):
        return message(404, f"Page {page.number} is outside of the valid range.")
    pagination = pagination_of(page, items, address, asked)
    return Answer(
        orjson.dumps({"pagination": pagination, **content}), headers=link_header(pagination)
    )


def given(values: Sequence[str]) -> list[str]:
    """Return the values that say something: a form sends empty ones for what is not filled in."""
    return [value for value in values if value.strip()]
