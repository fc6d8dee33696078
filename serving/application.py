"""The application: every route there is, and what an error looks like."""

from collections.abc import Callable, Iterator, Sequence

from fastapi import APIRouter, FastAPI

from common.cache.keys import Kind
from common.entities import Entity
from serving import figures, health
from serving.discogs import routes as discogs
from serving.documentation import add_documentation
from serving.errors import add_error_answers
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
    # Its answers have addresses, of the host that was asked unless the settings name one.
    of_host = parts.public_address is None
    return (
        *((f"/v1/{one}", found) for one in ("search", "suggest", "lookup/")),
        ("/v1/", records.place_of),
        (f"{parts.discogs_prefix}/database/", by_question(Kind.SEARCH, of_host=of_host)),
        *((path, by_question(Kind.LIST, of_host=of_host)) for path in _discogs_paths(parts)),
    )


def _discogs_paths(parts: Parts) -> Iterator[str]:
    return (f"{parts.discogs_prefix}/{entity.plural}/" for entity in Entity)


def make_application(parts: Parts) -> FastAPI:
    """Return the application that answers from these parts."""
    application = FastAPI(title="waxline", docs_url=None, redoc_url=None)
    add_error_answers(application)
    for make_router in _ROUTERS:
        application.include_router(make_router(parts))
    add_documentation(application)
    return application
