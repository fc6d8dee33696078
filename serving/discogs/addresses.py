"""Where things are: resources on this service, pages for people on Discogs' own site."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from common.entities import Entity

SITE = "https://www.discogs.com"
"""Discogs' own pages: clients read ids out of these addresses, and people open them."""

_BETWEEN_WORDS = re.compile(r"\W+")


HERE = "\0"
"""The base of addresses in an answer that is kept: who asks fills in its own.  No text has it."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses below one base, as in ``http://127.0.0.1:8080/discogs``: a client stays on it."""

    base: str = HERE

    def resource(self, entity: Entity, id_: int, under: str = "") -> str:
        """Return where a record answers, or a list ``under`` it."""
        return f"{self.base}/{entity.plural}/{id_}{under}"


def path_of_page(entity: Entity, id_: int, *names: str) -> str:
    """Return the path of a page of Discogs' site: ``/release/1-The-Persuader-Stockholm``.

    What follows the id is for people: the site finds the page without it.
    """
    words = _BETWEEN_WORDS.sub("-", " ".join(names)).strip("-")
    return f"/{entity}/{id_}-{quote(words)}" if words else f"/{entity}/{id_}"


def page(entity: Entity, id_: int, *names: str) -> str:
    """Return the address of a page of Discogs' site."""
    return f"{SITE}{path_of_page(entity, id_, *names)}"
