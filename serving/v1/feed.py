"""What has changed: ``/v1/changes`` since a cursor, ``/v1/deletions`` of a dump."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException

from common.entities import ID_LIMIT, Entity
from serving.answers import Answer, AnswerResponse, AsOf
from serving.database.feed import SQL, EntityState, read_changes, read_states
from serving.parts import Parts

_GONE = 410

Sequence = Annotated[
    int, Query(ge=0, lt=2**63, description="the last sequence that you know; 0: none")
]
Limit = Annotated[int, Query(ge=1, le=1_000, description="changes, or ids, at most")]
DumpDate = Annotated[int, Query(ge=0, lt=ID_LIMIT, description="date of the dump: 20260201")]
LastId = Annotated[int, Query(ge=0, lt=ID_LIMIT, description="the last id that you know")]


def make_router(parts: Parts) -> APIRouter:
    """Return the routes for those who keep a copy."""
    router = APIRouter(prefix="/v1", tags=["changes"])

    @router.get("/changes", summary="What changed since a cursor")
    async def changes(entity: Entity, after: Sequence = 0, limit: Limit = 100) -> AnswerResponse:
        """Answer with changes in their order; ``ids`` null means that any may have changed.

        Ask again with ``next`` as ``after``.  410: so old a cursor is not known any more, or the
        database was restored; read everything, and begin with ``last``.
        """
        return AnswerResponse(await _changes(parts, entity, after, limit))

    @router.get("/deletions", summary="What a dump no longer had")
    async def deletions(
        entity: Entity, dump: DumpDate, after: LastId = 0, limit: Limit = 1_000
    ) -> AnswerResponse:
        """Answer with ids in ascending order; ask again with ``next`` as ``after``."""
        async with parts.reading.session() as session:
            rows = await session.fetch(SQL("deletions"), entity.value, dump, after, limit)
        ids = [row["id"] for row in rows]
        following = ids[-1] if len(ids) == limit else None
        content = {"entity": entity, "dump": dump, "ids": ids, "next": following}
        return AnswerResponse(Answer(orjson.dumps(content), as_of=parts.as_of(entity)))

    return router


async def _changes(parts: Parts, entity: Entity, after: int, limit: int) -> Answer:
    async with parts.reading.session() as session:
        found = await read_changes(session, entity, after, limit)
        kept = await session.fetchval(SQL("kept"), entity.value)
        state = (await read_states(session)).get(entity, _NEVER_LOADED)
    if after > state.sequence or (after < state.sequence and after + 1 < (kept or 0)):
        raise HTTPException(_GONE, f"read everything anew, and then after={state.sequence}")
    changes = [{"sequence": one.sequence, "dump": one.dump, "ids": one.ids} for one in found]
    content = {
        "entity": entity,
        "changes": changes,
        "next": found[-1].sequence if found else after,
        "last": state.sequence,
    }
    as_of = AsOf(entity, state.dump, state.sequence)
    return Answer(orjson.dumps(content), as_of=(as_of,))


_NEVER_LOADED = EntityState(dump=0, run=0, state="", sequence=0, identity="")
