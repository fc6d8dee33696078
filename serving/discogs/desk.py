"""What the routes of Discogs' API answer from."""

from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from common.entities import Entity
from serving.answers import Answer, AsOf
from serving.database.records import Records
from serving.discogs.addresses import Addresses
from serving.discogs.asking import list_answer
from serving.discogs.finding import Finder
from serving.discogs.lists import Lists
from serving.discogs.pages import Page
from serving.discogs.records import is_id
from serving.discogs.results import Results
from serving.discogs.searching import Searching
from serving.parts import Parts
from serving.search.search import Search

AsOfs = tuple[AsOf, ...]

HERE = Addresses()
"""Addresses as they are kept: `serving.discogs.bases` fills in where a client has asked."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Records, lists, and how they are answered."""

    parts: Parts
    lists: Lists
    searching: Searching
    results: Results

    @property
    def prefix(self) -> str:
        """What all paths begin with."""
        return self.parts.discogs_prefix

    @property
    def records(self) -> Records:
        """What reads records."""
        return self.parts.records

    def page(
        self,
        request: Request,
        page: Page,
        items: int,
        content: dict[str, Any],
        as_of: AsOfs,
    ) -> Answer:
        """Return a page of the list that is asked for; ``as_of`` is of before it was read."""
        path = request.url.path.removeprefix(self.prefix)
        answer = list_answer(f"{HERE.base}{path}", request.query_params, page, items, content)
        return replace(answer, as_of=as_of)

    async def is_there(self, entity: Entity, id_: int) -> bool:
        """Tell whether there is such a record."""
        return is_id(id_) and await self.lists.exists(entity, id_)


def make_desk(parts: Parts) -> Desk:
    """Return the desk over the parts of a process."""
    reading = parts.reading
    searching = Searching(Search(reading), Finder(reading))
    return Desk(parts, Lists(reading), searching, Results(reading))
