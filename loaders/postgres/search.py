"""The search tables: each record's words, and the vocabulary that words misspelt are corrected by.

A first load goes without; they are filled when the indexes are built.  From then on every
transaction that writes or deletes records keeps them.
"""

from collections.abc import Iterator, Mapping, Sequence

from common.entities import Entity
from common.postgres.database import Session
from loaders.postgres.sql import Statements, read

_ALL = "IS NOT NULL"
_GIVEN = "= ANY($1::integer[])"

_CONTENTS: Mapping[Entity, str] = {
    Entity.ARTIST: "name, real name and name variations",
    Entity.LABEL: "name",
    Entity.MASTER: "title, artists'' names as such and as printed",
    Entity.RELEASE: "title, artists'' names as such and as printed, labels, catalogue numbers",
}

SEARCH_COLUMNS: Mapping[str, Mapping[str, str]] = {
    table: columns
    for entity in Entity
    for table, columns in (
        (f"{entity}_search", {"id": "integer", "words": "tsvector"}),
        (f"{entity}_word", {"word": "text", "records": "integer"}),
    )
}
"""The columns of the search tables, and their types."""


def make_search() -> Iterator[str]:
    """Return the scripts that make functions and tables, with their comments."""
    yield read("schema_search_functions.sql")
    tables = read("schema_search_tables.sql")
    for entity in Entity:
        yield tables.replace("{entity}", entity).replace("{contents}", _CONTENTS[entity])
    yield read("schema_search.sql")


class SearchTables:
    """Statements about the search tables; `keep` is part of its caller's transaction."""

    def __init__(self) -> None:
        self._blocks = Statements("search.sql")
        self._keep = {entity: self._made("keep", entity, _GIVEN) for entity in Entity}

    async def to_fill(self, session: Session, entity: Entity, *, trigrams: bool) -> list[str]:
        """Return what fills an entity's tables, in one transaction: nothing if they are filled."""
        if await session.fetchval(self._blocks("is_filled", entity)):
            return []
        script = self._made("fill", entity, _ALL)
        return [f"{script};\n{self._blocks('trigrams', entity)}" if trigrams else script]

    def statistics(self, entity: Entity) -> list[str]:
        """Return what counts their values."""
        return [self._blocks("statistics", entity)]

    async def keep(self, session: Session, entity: Entity, ids: Sequence[int]) -> None:
        """Make the words of records that have just been written what they now are."""
        await session.execute(self._keep[entity], ids)

    def _made(self, name: str, entity: Entity, chosen: str) -> str:
        words = self._blocks.filled(entity, {"chosen": chosen})
        is_word = self._blocks("is_word")
        return self._blocks.filled(name, {"words": words, "is_word": is_word}, entity)
