"""Discogs' own API: every route of it."""

from fastapi import APIRouter

from common.entities import Entity
from serving.answers import Answer, AnswerResponse
from serving.discogs.asking import Id
from serving.discogs.desk import HERE, Desk, make_desk
from serving.discogs.list_routes import add_lists
from serving.discogs.records import absent, is_id, master_answer, record_answer
from serving.discogs.search_routes import add_search
from serving.discogs.start_routes import add_start
from serving.parts import Parts


def make_router(parts: Parts) -> APIRouter:
    """Return the routes, with their whole paths."""
    desk = make_desk(parts)
    router = APIRouter(prefix=desk.prefix, tags=["Discogs"])
    for entity in Entity:
        _add_record(router, desk, entity)
    add_lists(router, desk)
    add_search(router, desk)
    add_start(router, desk)
    return router


def _add_record(router: APIRouter, desk: Desk, entity: Entity) -> None:
    async def record(id: Id) -> AnswerResponse:  # noqa: A002 - the name of the parameter
        return AnswerResponse(await _answer(desk, entity, id))

    router.add_api_route(
        f"/{entity.plural}/{{id}}", record, name=f"discogs {entity}", summary=f"One {entity}"
    )


async def _answer(desk: Desk, entity: Entity, id_: int) -> Answer:
    if not is_id(id_):
        return absent(entity)
    found = await desk.records.read(entity, id_)
    if entity is Entity.MASTER:
        return await master_answer(found, desk.records, desk.lists, HERE)
    return record_answer(entity, found, HERE)
