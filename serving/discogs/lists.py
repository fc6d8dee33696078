"""Reads what the lists of Discogs' API have from PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.entities import Entity
from common.postgres.blocks import Blocks
from common.postgres.database import Database, Session
from serving.discogs.items import Details, Key, details_of
from serving.discogs.pages import MOST_ITEMS, Page
from serving.discogs.versions import Version, version_of

SQL = Blocks(__package__, "lists.sql")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by; an empty ``sort`` is the list's own order."""

    sort: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, and how many items the whole list has."""

    rows: Sequence[Row]
    details: Mapping[Key, Details]
    items: int


class Lists:
    """The lists of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def exists(self, entity: Entity, id_: int) -> bool:
        """Tell whether there is such a record."""
        async with self._database.session() as session:
            return bool(await session.fetchval(SQL("exists", entity), id_))

    async def counts(self) -> Mapping[Entity, int]:
        """Return about how many records there are of each entity."""
        async with self._database.session() as session:
            rows = await _fetch(session, "counts", [entity.value for entity in Entity])
        return {Entity(row["entity"]): row["records"] for row in rows}

    async def most_recent(self, master: int) -> int | None:
        """Return the release of a master with the latest date."""
        async with self._database.session() as session:
            found: int | None = await session.fetchval(SQL("most_recent"), master)
            return found

    async def versions(self, master: int) -> list[Version]:
        """Return the releases of a master, in no order."""
        async with self._database.session() as session:
            rows = await _fetch(session, "versions", master, MOST_ITEMS)
        return [version_of(row) for row in rows]

    async def discography(self, artist: int, order: Order, page: Page) -> Listed:
        """Return releases and masters of an artist, what is the artist's own first."""
        return await self._listed("discography", artist, order, page)

    async def label_releases(self, label: int, order: Order, page: Page) -> Listed:
        """Return releases of a label, also of one that is a series or a company there."""
        return await self._listed("label_releases", label, order, page)

    async def _listed(self, name: str, id_: int, order: Order, page: Page) -> Listed:
        values = (id_, MOST_ITEMS, order.sort, order.descending)
        async with self._database.session() as session:
            rows = await _fetch(session, name, *values, page.size, page.offset)
            if not rows and page.number > 1:
                return Listed([], {}, _items(await _fetch(session, name, *values, 1, 0)))
            artist = id_ if name == "discography" else None
            return Listed(rows, await _details(session, rows, artist), _items(rows))


async def _fetch(session: Session, name: str, *values: Any) -> list[Row]:
    return [dict(row) for row in await session.fetch(SQL(name), *values)]


async def _details(session: Session, rows: Sequence[Row], artist: int | None) -> dict[Key, Details]:
    releases = {row["id"] for row in rows if not row["is_master"]}
    masters = {row["id"] for row in rows if row["is_master"]}
    return details_of(await _fetch(session, "details", releases, masters, artist))


def _items(rows: Sequence[Row]) -> int:
    return rows[0]["items"] if rows else 0
