"""Results of a search, each as Discogs has it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from common.entities import Entity
from common.postgres.blocks import Blocks
from common.postgres.database import Database, Session
from serving.discogs.addresses import Addresses, path_of_page
from serving.discogs.credits import printed
from serving.discogs.formats import all_words, formats_of, quantity_of

SQL = Blocks(__package__, "search.sql")

Row = Mapping[str, Any]
Hit = tuple[Entity, int]


class Results:
    """Makes results of what was found in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, hits: Sequence[Hit], addresses: Addresses) -> list[dict[str, Any]]:
        """Return results in the order of the hits, but for what is gone meanwhile."""
        async with self._database.session() as session:
            made: dict[Hit, dict[str, Any]] = {}
            for entity in dict.fromkeys(entity for entity, _ in hits):
                ids = [id_ for of, id_ in hits if of is entity]
                for result in await _made(session, entity, ids, addresses):
                    made[entity, result["id"]] = result
        return [made[hit] for hit in hits if hit in made]


async def _made(
    session: Session, entity: Entity, ids: Sequence[int], addresses: Addresses
) -> list[dict[str, Any]]:
    if entity is Entity.RELEASE:
        return [release_result(row, addresses) for row in await _fetch(session, "releases", ids)]
    if entity is Entity.MASTER:
        masters = await _fetch(session, "masters", ids)
        main = await _fetch(session, "releases", [row["main_release_id"] for row in masters])
        of = {row["id"]: row for row in main}
        return [master_result(row, of.get(row["main_release_id"]), addresses) for row in masters]
    rows = await session.fetch(SQL("names", entity), ids)
    return [name_result(entity, dict(row), addresses) for row in rows]


async def _fetch(session: Session, name: str, ids: Sequence[int | None]) -> list[Row]:
    return [dict(row) for row in await session.fetch(SQL(name), ids)]


def release_result(row: Row, addresses: Addresses) -> dict[str, Any]:
    """Return a release; ``row`` is of the statement ``releases``."""
    formats = orjson.loads(row["formats"])
    return {
        **_edition(row),
        **_common(Entity.RELEASE, row["id"], addresses, *_names(row)),
        **_master(row["master_id"], addresses),
        "format_quantity": quantity_of(formats),
        "formats": formats_of(formats),
    }


def master_result(row: Row, main: Row | None, addresses: Addresses) -> dict[str, Any]:
    """Return a master; what is of an edition is of its main release, if that is there."""
    own = {"genre": row["genres"], "style": row["styles"], **_year(row)}
    return {
        **(_edition(main) if main else {}),
        **own,
        **_common(Entity.MASTER, row["id"], addresses, *_names(row)),
        **_master(row["id"], addresses),
    }


def name_result(entity: Entity, row: Row, addresses: Addresses) -> dict[str, Any]:
    """Return an artist or a label."""
    return {
        **_common(entity, row["id"], addresses, row["name"] or ""),
        "master_id": None,
        "master_url": None,
    }


def _names(row: Row) -> tuple[str, str]:
    return printed(orjson.loads(row["artists"])), row["title"] or ""


def _edition(row: Row) -> dict[str, Any]:
    labels = orjson.loads(row["labels"])
    names = [*(one.get("name") for one in labels), *row["companies"]]
    return {
        "country": row["country"] or "",
        **_year(row),
        "format": all_words(orjson.loads(row["formats"])),
        "label": _once(names),
        "genre": row["genres"],
        "style": row["styles"],
        "barcode": row["barcodes"],
        "catno": next((one["catno"] for one in labels if "catno" in one), ""),
        "community": {"want": 0, "have": 0},
    }


def _common(entity: Entity, id_: int, addresses: Addresses, *names: str) -> dict[str, Any]:
    return {
        "id": id_,
        "type": entity.value,
        "user_data": {"in_wantlist": False, "in_collection": False},
        "title": " - ".join(name for name in names if name),
        "uri": path_of_page(entity, id_, *names),
        "resource_url": addresses.resource(entity, id_),
        "thumb": "",
        "cover_image": "",
    }


def _master(id_: int | None, addresses: Addresses) -> dict[str, Any]:
    """Return the master of a release; one that has none has 0 there."""
    url = addresses.resource(Entity.MASTER, id_) if id_ else None
    return {"master_id": id_ or 0, "master_url": url}


def _year(row: Row) -> dict[str, str]:
    return {"year": str(row["year"])} if row["year"] else {}


def _once(words: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))
