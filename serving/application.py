"""The application: every route there is, and what an error looks like."""

from collections.abc import Callable

from fastapi import APIRouter, FastAPI

from serving import health
from serving.discogs import routes as discogs
from serving.errors import add_error_answers
from serving.parts import Parts
from serving.v1 import records, search

_ROUTERS: tuple[Callable[[Parts], APIRouter], ...] = (
    health.make_router,
    records.make_router,
    discogs.make_router,
    search.make_router,
)
"""Each makes the routes of one room, with their whole paths."""


def make_application(parts: Parts) -> FastAPI:
    """Return the application that answers from these parts."""
    application = FastAPI(title="waxline", docs_url=None, redoc_url=None)
    add_error_answers(application)
    for make_router in _ROUTERS:
        application.include_router(make_router(parts))
    return application
