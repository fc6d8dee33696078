"""The application: every route there is, and what an error looks like."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI

from common.cache.keys import Kind
from serving import figures, health
from serving.discogs import routes as discogs
from serving.discogs.bases import finish_of
from serving.discogs.places import placing_of
from serving.documentation import add_documentation
from serving.errors import add_error_answers
from serving.front import Finish
from serving.parts import Parts
from serving.placing import Placing, by_question
from serving.v1 import feed, records, search

_ROUTERS: tuple[Callable[[Parts], APIRouter], ...] = (
    health.make_router,
    figures.make_router,
    records.make_router,
    feed.make_router,
    discogs.make_router,
    search.make_router,
)
"""Each makes the routes of one room, with their whole paths."""


def make_placings(parts: Parts) -> Sequence[tuple[str, Placing]]:
    """Return what tells which answers are cached, and where, by how their paths begin."""
    found = by_question(Kind.SEARCH)
    prefix = parts.discogs_prefix
    return (
        *((f"/v1/{one}", found) for one in ("search", "suggest", "lookup/")),
        ("/v1/", records.place_of),
        (f"{prefix}/", placing_of(prefix)),
    )


def make_finish(parts: Parts) -> Finish:
    """Return what puts into an answer what depends on the one who asks."""
    return finish_of(parts.discogs_prefix, parts.public_address)


def make_application(parts: Parts) -> FastAPI:
    """Return the application that answers from these parts."""
    application = FastAPI(title="waxline", docs_url=None, redoc_url=None)
    add_error_answers(application)
    for make_router in _ROUTERS:
        application.include_router(make_router(parts))
    add_documentation(application)
    return application
