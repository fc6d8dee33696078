"""``/database/search``: words are searched and ranked, what is asked of parts alone is found."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, field_validator

from common.entities import Entity
from serving.discogs.finding import Finder, Hit, year_of
from serving.discogs.pages import Page
from serving.search.query import LONGEST, MOST_WORDS, Query
from serving.search.search import Search

_SAME = ("artist", "anv", "label", "catno", "barcode", "genre", "style", "country", "format")
_PARTS = (*_SAME, "credit", "track")
"""Parameters that search calls the same."""


class Asked(BaseModel):
    """The parameters of a search; empty where nothing is asked."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    q: str = ""
    title: str = Field("", description="words of artists and title together")
    release_title: str = ""
    artist: str = ""
    anv: str = Field("", description="words of a name as it is printed")
    label: str = ""
    catno: str = ""
    barcode: str = Field("", description="its digits count")
    track: str = Field("", description="a title, or what it begins with")
    credit: str = Field("", description="words of the name of somebody with a role")
    genre: str = ""
    style: str = ""
    country: str = ""
    format: str = Field("", description="a medium or a description")
    year: str = ""

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: str) -> str:
        if "\0" in value:
            raise ValueError("it has a character that no text has")
        return value

    def said(self) -> dict[str, str]:
        """Return the parameters that are given."""
        return {name: value for name, value in self if value}


class Searching:
    """Searches one database."""

    def __init__(self, search: Search, finder: Finder) -> None:
        self._search = search
        self._finder = finder

    async def find(
        self, asked: Asked, entities: Sequence[Entity], page: Page
    ) -> tuple[list[Hit], int]:
        """Return a page of what is found, and how many there are on all pages.

        Raises `QueryError` for what cannot be asked, `TransientError` for what takes too long.
        """
        said = asked.said()
        if "q" not in said:
            hits = await self._finder.find(said, entities)
            return hits[page.offset : page.offset + page.size], len(hits)
        if "year" in said and year_of(said["year"]) is None:
            return [], 0
        found = await self._search.find(
            query_of(said, entities), page.size, skip=min(page.offset, _FURTHEST)
        )
        return [(hit.entity, hit.id) for hit in found.hits], found.total


_FURTHEST = 10_000
"""Hits that are left out at most: there are not so many."""


def query_of(said: Mapping[str, str], entities: Sequence[Entity]) -> Query:
    """Return what is searched for.

    Discogs' ``title`` has artists and title, so it is words like others; what is too long is cut.
    """
    words = " ".join(said[name] for name in ("q", "title") if name in said).split()
    year = year_of(said.get("year", ""))
    return Query(
        text=" ".join(words[:MOST_WORDS])[:LONGEST],
        entities=tuple(entities),
        title=said.get("release_title", "")[:LONGEST],
        **{name: said.get(name, "")[:LONGEST] for name in _PARTS},
        year_from=year,
        year_to=year,
    )
