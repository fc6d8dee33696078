"""``/v1/search``, ``/v1/suggest`` and ``/v1/lookup``: records found by what somebody asks."""

from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, HTTPException, Path
from fastapi import Query as Parameter
from pydantic import BaseModel, Field

from common.entities import Entity
from serving.answers import Answer, AnswerResponse
from serving.parts import Parts
from serving.search.hits import CursorError, Found, Hit, decode_cursor, encode_cursor
from serving.search.query import LONGEST, Query, QueryError, barcodes_of
from serving.search.search import Search

_Word = Annotated[str, Field(max_length=LONGEST)]
_Year = Annotated[int | None, Field(ge=0, le=9999)]
_Type = Annotated[Entity | None, Field(description="kind of record; not given: all of them")]

_LOOKED_UP = 100
_TITLED = (Entity.MASTER, Entity.RELEASE)


class SearchParameters(BaseModel):
    """What may be asked of search; at least one that leads somewhere."""

    q: _Word = Field("", description="words of names, titles, labels and numbers")
    type: _Type = None
    artist: _Word = Field("", description="words of an artist's name, as such or as printed")
    title: _Word = Field("", description="words of the title, or of an artist's or label's name")
    label: _Word = Field("", description="words of a label's name, or its id")
    catno: _Word = Field("", description="words of a catalogue number")
    barcode: _Word = ""
    genre: _Word = ""
    style: _Word = ""
    country: _Word = ""
    format: _Word = Field("", description="medium, or a description of it: Vinyl, Album")
    year_from: _Year = None
    year_to: _Year = None
    after: Annotated[str, Field(max_length=40, description="where the page before ended")] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50

    def query(self) -> Query:
        """Return what is asked."""
        asked = self.model_dump(exclude={"q", "type", "after", "limit"})
        return _query(text=self.q, entities=_kinds(self.type), **asked)


def make_router(parts: Parts) -> APIRouter:
    """Return the routes of search."""
    router = APIRouter(prefix="/v1", tags=["search"])
    search = Search(parts.reading)
    _add_search(router, search)
    _add_lookups(router, search)
    return router


def _add_search(router: APIRouter, search: Search) -> None:
    @router.get("/search", summary="Records by words, names, numbers and what they are")
    async def find(asked: Annotated[SearchParameters, Parameter()]) -> AnswerResponse:
        return await _answered(search, asked.query(), asked.limit, asked.after)

    @router.get("/suggest", summary="Names that begin as somebody is typing them")
    async def suggest(
        q: Annotated[str, Parameter(max_length=LONGEST)],
        type: _Type = None,  # noqa: A002 - the name of the parameter
        limit: Annotated[int, Parameter(ge=1, le=20)] = 10,
    ) -> AnswerResponse:
        found = await search.suggest(_query(text=q, entities=_kinds(type)), limit)
        return _response(found, (_named(hit) for hit in found.hits))


def _add_lookups(router: APIRouter, search: Search) -> None:
    @router.get("/lookup/barcode/{digits}", summary="Releases with a barcode")
    async def barcode(digits: Annotated[str, Path(max_length=LONGEST)]) -> AnswerResponse:
        if not barcodes_of(digits):
            raise HTTPException(422, "digits: a barcode has six of them at least")
        query = _query(barcode=digits, entities=(Entity.RELEASE,))
        return await _answered(search, query, _LOOKED_UP)

    @router.get(
        "/lookup/catno/{number:path}",
        summary="Releases with a catalogue number: alone, or after its label's name or id",
    )
    async def catno(number: Annotated[str, Path(max_length=2 * LONGEST)]) -> AnswerResponse:
        label, _, rest = number.partition("/")
        if label.strip() and rest.strip():
            query = _query(number=rest, label=label, entities=(Entity.RELEASE,))
            found = await search.find(query, _LOOKED_UP)
            if found.hits:
                return _response(found, map(_shown, found.hits))
        query = _query(number=number, entities=(Entity.RELEASE,))  # some numbers have a slash
        return await _answered(search, query, _LOOKED_UP)


def _kinds(only: Entity | None) -> tuple[Entity, ...]:
    return (only,) if only else tuple(Entity)


def _query(**asked: Any) -> Query:
    try:
        return Query(**asked)
    except QueryError as error:
        raise HTTPException(422, str(error)) from error


async def _answered(search: Search, query: Query, limit: int, after: str = "") -> AnswerResponse:
    try:
        cursor = decode_cursor(after) if after else None
    except CursorError as error:
        raise HTTPException(422, f"after: {error}") from error
    found = await search.find(query, limit, cursor)
    return _response(found, map(_shown, found.hits))


def _response(found: Found, results: Iterable[dict[str, Any]]) -> AnswerResponse:
    body: dict[str, Any] = {"results": list(results), "total": found.total}
    if found.corrected:
        body["corrected"] = found.corrected
    if found.after:
        body["after"] = encode_cursor(found.after)
    return AnswerResponse(Answer(orjson.dumps(body), as_of=found.as_of))


def _named(hit: Hit) -> dict[str, Any]:
    key = "title" if hit.entity in _TITLED else "name"
    return {"type": hit.entity.value, "id": hit.id, key: hit.name}


def _shown(hit: Hit) -> dict[str, Any]:
    return {**_named(hit), **hit.shown}
