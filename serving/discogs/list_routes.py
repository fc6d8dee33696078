"""Routes of lists: a master's versions, an artist's and a label's releases."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request

from common.entities import Entity
from serving.answers import Answer, AnswerResponse
from serving.discogs.asking import Id, SortOrder, Values, asked_page, given
from serving.discogs.desk import HERE, Desk
from serving.discogs.items import Shape, discography_item, items_of, label_item
from serving.discogs.lists import Listed, Order
from serving.discogs.pages import Page
from serving.discogs.records import absent, is_id
from serving.discogs.versions import Filters, chosen, facets_of, version_item

Asked = Annotated[Page, Depends(asked_page)]
VersionSort = Literal["released", "title", "format", "label", "catno", "country"]
DiscographySort = Literal["year", "title", "format"]
LabelSort = Literal["year", "title", "catno"]


def add_lists(router: APIRouter, desk: Desk) -> None:
    """Add the routes of all lists."""
    _add_versions(router, desk)
    _add_discography(router, desk)
    _add_label_releases(router, desk)


def asked_filters(
    format: Values = (),  # noqa: A002 - the name of the parameter
    label: Values = (),
    country: Values = (),
    released: Values = (),
) -> Filters:
    """Return what versions have to fit."""
    asked = {"format": format, "label": label, "country": country, "released": released}
    return {name: given(values) for name, values in asked.items()}


def _add_versions(router: APIRouter, desk: Desk) -> None:
    @router.get("/masters/{id}/versions")
    async def versions(
        request: Request,
        id: Id,  # noqa: A002 - the name of the parameter
        page: Asked,
        filters: Annotated[Filters, Depends(asked_filters)],
        sort: VersionSort = "released",
        sort_order: SortOrder = "asc",
    ) -> AnswerResponse:
        """List the releases of a master."""
        as_of = desk.parts.as_of(Entity.MASTER, Entity.RELEASE)
        if not await desk.is_there(Entity.MASTER, id):
            return AnswerResponse(absent(Entity.MASTER))
        all_ = await desk.lists.versions(id)
        fitting = chosen(all_, filters, sort, descending=sort_order == "desc")
        shown = fitting[page.offset : page.offset + page.size]
        content = facets_of(fitting, filters) | {
            "versions": [version_item(one, HERE) for one in shown]
        }
        return AnswerResponse(desk.page(request, page, len(fitting), content, as_of))


def _add_discography(router: APIRouter, desk: Desk) -> None:
    of = _ListOf(Entity.ARTIST, desk.lists.discography, discography_item)

    @router.get("/artists/{id}/releases")
    async def discography(
        request: Request,
        id: Id,  # noqa: A002 - the name of the parameter
        page: Asked,
        sort: DiscographySort | None = None,
        sort_order: SortOrder = "asc",
    ) -> AnswerResponse:
        """List releases and masters of an artist."""
        order = Order(sort or "", descending=sort_order == "desc")
        return AnswerResponse(await _answer(request, desk, of, id, order, page))


def _add_label_releases(router: APIRouter, desk: Desk) -> None:
    of = _ListOf(Entity.LABEL, desk.lists.label_releases, label_item)

    @router.get("/labels/{id}/releases")
    async def label_releases(
        request: Request,
        id: Id,  # noqa: A002 - the name of the parameter
        page: Asked,
        sort: LabelSort | None = None,
        sort_order: SortOrder = "asc",
    ) -> AnswerResponse:
        """List releases of a label."""
        order = Order(sort or "", descending=sort_order == "desc")
        return AnswerResponse(await _answer(request, desk, of, id, order, page))


@dataclass(frozen=True, slots=True)
class _ListOf:
    """A list of releases: whose it is, what reads it, what its items look like."""

    entity: Entity
    read: Callable[[int, Order, Page], Awaitable[Listed]]
    shape: Shape


async def _answer(
    request: Request, desk: Desk, of: _ListOf, id_: int, order: Order, page: Page
) -> Answer:
    """Return a page of a list; Various has no record, and a list all the same."""
    if not is_id(id_):
        return absent(of.entity)
    as_of = desk.parts.as_of(of.entity, Entity.MASTER, Entity.RELEASE)
    listed = await of.read(id_, order, page)
    if not listed.items and not await desk.is_there(of.entity, id_):
        return absent(of.entity)
    items = items_of(listed.rows, listed.details, HERE, of.shape)
    return desk.page(request, page, listed.items, {"releases": items}, as_of)
