"""``/database/search``."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from common.entities import Entity
from serving.answers import AnswerResponse
from serving.discogs.asking import asked_page
from serving.discogs.desk import HERE, Desk
from serving.discogs.pages import Page
from serving.discogs.searching import Asked
from serving.search.query import QueryError

TYPES: tuple[Entity, ...] = (Entity.ARTIST, Entity.LABEL, Entity.MASTER, Entity.RELEASE)
"""What a search finds, in the order of its results."""


def add_search(router: APIRouter, desk: Desk) -> None:
    """Add the route."""

    @router.get("/database/search")
    async def search(
        request: Request,
        asked: Annotated[Asked, Query()],
        types: Annotated[tuple[Entity, ...], Depends(types_of)],
        page: Annotated[Page, Depends(asked_page)],
    ) -> AnswerResponse:
        """Search artists, labels, masters and releases."""
        as_of = desk.parts.as_of(*types)
        try:
            hits, items = await desk.searching.find(asked, types, page)
        except QueryError as error:
            raise HTTPException(422, str(error)) from error
        results = await desk.results.of(hits, HERE)
        return AnswerResponse(desk.page(request, page, items, {"results": results}, as_of))


def types_of(type: str = "") -> tuple[Entity, ...]:  # noqa: A002 - the name of the parameter
    """Return what is searched for: one type, or all."""
    if type in ("", "all"):
        return TYPES
    if type not in set(TYPES):
        raise HTTPException(422, f"type: one of {', '.join(TYPES)}")
    return (Entity(type),)
