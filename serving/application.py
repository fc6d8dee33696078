"""The application: every route there is, and what an error looks like."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI

from serving import figures, health
from serving.discogs import routes as discogs
from serving.errors import add_error_answers
from serving.front import Placing
from serving.parts import Parts
from serving.v1 import records, search

_ROUTERS: tuple[Callable[[Parts], APIRouter], ...] = (
    health.make_router,
    figures.make_router,
    records.make_router,
    discogs.make_router,
    search.make_router,
)
"""Each makes the routes of one room, with their whole paths."""


def make_placings(parts: Parts) -> Sequence[tuple[str, Placing]]:
    """Return what tells which answers are cached, and where, by how their paths begin."""
    del parts
    return (("/v1/", records.place_of),)


def make_application(parts: Parts) -> FastAPI:
    """Return the application that answers from these parts."""
    application = FastAPI(title="waxline", docs_url=None, redoc_url=None)
    add_error_answers(application)
    for make_router in _ROUTERS:
        application.include_router(make_router(parts))
    return application
