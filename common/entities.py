"""The four entities of the Discogs catalogue and the id space they share."""

from enum import StrEnum

CATALOGUE = "discogs"

ID_LIMIT = 2**31
"""Ids are positive and below this: PostgreSQL's ``integer``."""


class Entity(StrEnum):
    """An entity, in the order its file is loaded: references then point backwards."""

    ARTIST = "artist"
    LABEL = "label"
    MASTER = "master"
    RELEASE = "release"

    @property
    def plural(self) -> str:
        """The name of the dump's root element, and of the file: ``artists``."""
        return f"{self.value}s"


LOAD_ORDER: tuple[Entity, ...] = tuple(Entity)
