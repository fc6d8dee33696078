"""Records: ``/v1/releases/1`` and the like."""

from typing import Annotated

from fastapi import APIRouter, Path

from common.entities import ID_LIMIT, Entity
from serving.answers import Answer, AnswerResponse, message
from serving.database.records import RecordRead
from serving.parts import Parts

FORM = "v1"
_VERSION = 1
"""Of this form of a record: part of each ETag, so that a new one is fetched anew."""

Id = Annotated[int, Path(ge=1, lt=ID_LIMIT)]


def make_router(parts: Parts) -> APIRouter:
    """Return the routes of records."""
    router = APIRouter(prefix="/v1", tags=["records"])
    for entity in Entity:
        _add_route(router, parts, entity)
    return router


def _add_route(router: APIRouter, parts: Parts, entity: Entity) -> None:
    async def record(id: Id) -> AnswerResponse:  # noqa: A002 - the name of the parameter
        return AnswerResponse(record_answer(entity, await parts.records.read(entity, id)))

    router.add_api_route(
        f"/{entity.plural}/{{id}}", record, name=f"{entity}", summary=f"One {entity}"
    )


def record_answer(entity: Entity, found: RecordRead) -> Answer:
    """Return the answer with a record, or that there is none."""
    if found.body is None:
        return absent(entity, found)
    etag = f'"{FORM}.{_VERSION}-{found.fingerprint & (2**64 - 1):016x}"'
    return Answer(found.body, etag=etag, as_of=(found.as_of,))


def absent(entity: Entity, found: RecordRead) -> Answer:
    """Return the answer where there is no such record."""
    none = message(404, f"there is no {entity} {found.id}")
    return Answer(none.body, none.status, as_of=(found.as_of,))
