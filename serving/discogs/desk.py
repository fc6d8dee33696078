"""What the routes of Discogs' API answer from."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from common.entities import Entity
from serving.answers import Answer
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


@dataclass(frozen=True, slots=True)
class Desk:
    """Records, lists, and where they are for the one who asks.

    ``public_address`` is where clients reach the service, None: where they say that they do.
    """

    records: Records
    lists: Lists
    searching: Searching
    results: Results
    prefix: str
    public_address: str | None

    def addresses(self, request: Request) -> Addresses:
        """Return the addresses that the client of a request can follow."""
        url = self.public_address or f"{request.url.scheme}://{request.url.netloc}"
        return Addresses(f"{url.rstrip('/')}{self.prefix}")

    def page(self, request: Request, page: Page, items: int, content: dict[str, Any]) -> Answer:
        """Return a page of the list that is asked for."""
        path = request.url.path.removeprefix(self.prefix)
        address = f"{self.addresses(request).base}{path}"
        return list_answer(address, request.query_params, page, items, content)

    async def is_there(self, entity: Entity, id_: int) -> bool:
        """Tell whether there is such a record."""
        return is_id(id_) and await self.lists.exists(entity, id_)


def make_desk(parts: Parts) -> Desk:
    """Return the desk over the parts of a process."""
    reading = parts.reading
    return Desk(
        parts.records,
        Lists(reading),
        Searching(Search(reading), Finder(reading)),
        Results(reading),
        parts.discogs_prefix,
        parts.public_address,
    )
