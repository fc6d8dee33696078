"""Records: ``/v1/releases/1`` and the like, whole or in part, one or a hundred."""

import re
from collections.abc import Iterable
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import Scope

from common.cache.keys import Form, Place, RecordPlace, digest_of
from common.entities import ID_LIMIT, Entity
from common.records import RECORD_TYPES
from common.records.fields import fields_of
from serving.answers import Answer, AnswerResponse, message
from serving.database.records import RecordRead, Records
from serving.parts import Parts

FORM: Form = "v1"
_VERSION = 1
"""Of this form of a record: part of each ETag, so that a new one is fetched anew."""

_MOST = 100
"""Records of one batch."""

Id = Annotated[int, Path(ge=1, lt=ID_LIMIT)]
Fields = Annotated[
    str | None, Query(description="members of the record to answer with, in place of all: a,b")
]

_PATH = re.compile(r"/v1/(artist|label|master|release)s/([1-9][0-9]{0,8})")


_Ids = Annotated[list[Annotated[int, Field(ge=1, lt=ID_LIMIT)]], Field(max_length=_MOST)]


class Wanted(BaseModel):
    """The ids of a batch: a hundred together."""

    model_config = ConfigDict(extra="forbid")

    artists: _Ids = []
    labels: _Ids = []
    masters: _Ids = []
    releases: _Ids = []


def place_of(scope: Scope, _generation: str) -> Place | None:
    """Return the place of a whole record; a part of one is not cached, nor one of a larger id."""
    found = None if scope["query_string"] else _PATH.fullmatch(scope["path"])
    return found and RecordPlace(Entity(found[1]), int(found[2]), FORM)


def make_router(parts: Parts) -> APIRouter:
    """Return the routes of records."""
    router = APIRouter(prefix="/v1", tags=["records"])
    for entity in Entity:
        _add_route(router, parts.records, entity)

    @router.post("/batch", summary="Several records at once")
    async def batch(wanted: Wanted) -> AnswerResponse:
        """Answer with up to a hundred records; ``absent`` has the ids that there are none of."""
        return AnswerResponse(await _batch(parts.records, wanted))

    return router


def _add_route(router: APIRouter, records: Records, entity: Entity) -> None:
    async def record(id: Id, fields: Fields = None) -> AnswerResponse:  # noqa: A002 - the parameter
        wanted = None if fields is None else _known(entity, fields)
        answer = record_answer(entity, await records.read(entity, id))
        return AnswerResponse(answer if wanted is None else _part(answer, wanted))

    router.add_api_route(
        f"/{entity.plural}/{{id}}", record, name=f"{entity}", summary=f"One {entity}"
    )


def record_answer(entity: Entity, found: RecordRead) -> Answer:
    """Return the answer with a record, or that there is none."""
    if found.body is None:
        none = message(404, f"there is no {entity} {found.id}")
        return Answer(none.body, none.status, as_of=(found.as_of,))
    return Answer(found.body, etag=f'"{_tag(found)}"', as_of=(found.as_of,))


def _tag(found: RecordRead) -> str:
    """Return what tells one content of a record from another."""
    content = f"{found.fingerprint & (2**64 - 1):016x}"
    if not found.fingerprint:  # it is to be loaded anew, and may be anything until then
        content = digest_of(found.body or b"")
    return f"{FORM}.{_VERSION}-{content}"


def _known(entity: Entity, fields: str) -> list[str]:
    """Return the members that are asked for; refuse those that no record of the entity has."""
    known = ["id", *(one.key for one in fields_of(RECORD_TYPES[entity].data))]
    asked = [one.strip() for one in fields.split(",")]
    if strange := [one for one in asked if one not in known]:
        words = f"{strange[0][:50]!r} is no member of a {entity}; there are {', '.join(known)}"
        raise HTTPException(400, words)
    return [one for one in known if one in asked]


def _part(answer: Answer, wanted: list[str]) -> Answer:
    if not answer.etag:
        return answer
    record = orjson.loads(answer.body)
    body = orjson.dumps({one: record[one] for one in wanted if one in record})
    tag = answer.etag.strip('"')
    return Answer(body, etag=f'"{tag}-{digest_of(",".join(wanted))[:8]}"', as_of=answer.as_of)


async def _batch(records: Records, wanted: Wanted) -> Answer:
    """Return records in the order that they were asked for, each once."""
    asked = {one: list(dict.fromkeys(getattr(wanted, one.plural))) for one in Entity}
    if not 0 < sum(map(len, asked.values())) <= _MOST:
        raise HTTPException(400, f"a batch has 1 to {_MOST} ids")
    found = {one: await records.read_many(one, ids) for one, ids in asked.items() if ids}
    parts = [_list(one.plural, _in_order(read, asked[one])) for one, read in found.items()]
    absent = {
        one.plural: missing
        for one, read in found.items()
        if (missing := [each.id for each in read if each.body is None])
    }
    body = b'{%b,"absent":%b}' % (b",".join(parts), orjson.dumps(absent))
    return Answer(body, as_of=tuple(read[0].as_of for read in found.values()))


def _in_order(read: Iterable[RecordRead], ids: Iterable[int]) -> list[bytes]:
    bodies = {one.id: one.body for one in read}
    return [body for one in ids if (body := bodies[one])]


def _list(name: str, bodies: Iterable[bytes]) -> bytes:
    return b'"%b":[%b]' % (name.encode(), b",".join(bodies))
