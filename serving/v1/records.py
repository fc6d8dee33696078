"""Records: ``/v1/releases/1`` and the like."""

import re
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.types import Scope

from common.cache.keys import Form, Place, RecordPlace
from common.entities import ID_LIMIT, Entity
from serving.answers import Answer, AnswerResponse, message
from serving.database.records import RecordRead
from serving.parts import Parts

FORM: Form = "v1"
_VERSION = 1
"""Of this form of a record: part of each ETag, so that a new one is fetched anew."""

Id = Annotated[int, Path(ge=1, lt=ID_LIMIT)]


_PATH = re.compile(r"/v1/(artist|label|master|release)s/([1-9][0-9]{0,8})")


def place_of(scope: Scope, _generation: str) -> Place | None:
    """Return the place of a whole record; a part of one is not cached, nor one of a larger id."""
    found = None if scope["query_string"] else _PATH.fullmatch(scope["path"])
    return found and RecordPlace(Entity(found[1]), int(found[2]), FORM)


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
