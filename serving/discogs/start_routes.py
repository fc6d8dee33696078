"""What clients ask before and beside the catalogue: who they are, and what no dump has."""

from typing import Any

import orjson
from fastapi import APIRouter

from common.entities import Entity
from serving.answers import Answer, AnswerResponse, message
from serving.discogs.asking import Id
from serving.discogs.desk import HERE, Desk
from serving.discogs.records import absent

USER = "waxline"
"""Who everybody is: a client that asks for its user gets an answer, and no collection."""


def add_start(router: APIRouter, desk: Desk) -> None:
    """Add the routes of the start, and those that are answered with nothing."""
    _add_root(router, desk)
    _add_user(router)
    _add_nothing(router, desk, "/releases/{id}/rating", _rating)
    _add_nothing(router, desk, "/releases/{id}/stats", _stats)
    _add_nothing(router, desk, "/marketplace/stats/{id}", _for_sale)
    _add_nothing(router, desk, "/marketplace/price_suggestions/{id}", _no_prices)
    _add_rating_of(router, desk)


def _add_root(router: APIRouter, desk: Desk) -> None:
    @router.get("/")
    async def root() -> AnswerResponse:
        """Say what this is, and how many records there are: about, as PostgreSQL last counted."""
        counts = await desk.lists.counts()
        return _said(
            {
                "hello": "Welcome to waxline, which answers as the Discogs API does.",
                "api_version": "v2",
                "documentation_url": "https://www.discogs.com/developers/",
                "statistics": {entity.plural: counts[entity] for entity in Entity},
            }
        )


def _add_user(router: APIRouter) -> None:
    @router.get("/oauth/identity")
    async def identity() -> AnswerResponse:
        """Say who asks: everybody is one user."""
        return _said(_user() | {"consumer_name": USER})

    @router.get("/users/{username}")
    async def user(username: str) -> AnswerResponse:
        """Return the profile of that user; there is no other."""
        if username != USER:
            none = message(404, "User does not exist or may have been deleted.")
            return AnswerResponse(none)
        return _said(_user() | {"num_collection": 0, "num_wantlist": 0})


def _user() -> dict[str, Any]:
    return {"id": 0, "username": USER, "resource_url": f"{HERE.base}/users/{USER}"}


def _add_nothing(router: APIRouter, desk: Desk, path: str, nothing: Any) -> None:
    """Add a route that says of a release that is there that there is nothing."""

    async def answer(id: Id) -> AnswerResponse:  # noqa: A002 - the name of the parameter
        if not await desk.is_there(Entity.RELEASE, id):
            return AnswerResponse(absent(Entity.RELEASE))
        return _said(nothing(id))

    router.add_api_route(path, answer, name=path, summary="Nothing: no dump has it")


def _add_rating_of(router: APIRouter, desk: Desk) -> None:
    @router.get("/releases/{id}/rating/{username}")
    async def rating_of(id: Id, username: str) -> AnswerResponse:  # noqa: A002 - the parameter
        """Say that a user has not rated a release."""
        if not await desk.is_there(Entity.RELEASE, id):
            return AnswerResponse(absent(Entity.RELEASE))
        return _said({"release_id": id, "username": username, "rating": 0})


def _rating(id_: int) -> dict[str, Any]:
    return {"release_id": id_, "rating": {"count": 0, "average": 0.0}}


def _stats(_id: int) -> dict[str, Any]:
    return {"num_have": 0, "num_want": 0, "is_offensive": False}


def _for_sale(_id: int) -> dict[str, Any]:
    return {"lowest_price": None, "num_for_sale": 0, "blocked_from_sale": False}


def _no_prices(_id: int) -> dict[str, Any]:
    return {}


def _said(content: dict[str, Any]) -> AnswerResponse:
    return AnswerResponse(Answer(orjson.dumps(content)))
