"""Finds what the parts of a search ask for: each alone by an index, the others narrow it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from common.entities import Entity
from common.postgres.blocks import Blocks
from common.postgres.database import Database, Session
from serving.discogs.pages import MOST_ITEMS

SQL = Blocks(__package__, "finding.sql")

_DRIVERS: Mapping[str, Sequence[str]] = {
    "by_barcode": ("barcode",),
    "by_words": ("title", "release_title", "artist", "anv", "label", "catno"),
    "by_track": ("track",),
    "by_credit": ("credit",),
    "by_style": ("style",),
    "by_genre": ("genre",),
    "by_year": ("year",),
    "by_country": ("country",),
    "by_format": ("format",),
}
"""Where a search of releases begins: at the first of these with a parameter that is given."""

_WORDY = ("by_barcode", "by_words", "by_track", "by_credit")
"""Those of which few enough come; of the others the ones with the lowest ids are taken."""

STATEMENTS: Mapping[str, str] = {
    driver: SQL.filled(
        "releases",
        {"candidates": SQL(driver), "order": "" if driver in _WORDY else "ORDER BY r.id"},
    )
    for driver in _DRIVERS
}

_NAMES: Mapping[Entity, frozenset[str]] = {
    Entity.ARTIST: frozenset({"title", "artist", "anv"}),
    Entity.LABEL: frozenset({"title", "label"}),
    Entity.MASTER: frozenset({"title", "release_title", "artist"}),
}
"""What can be asked of an entity's own words; where more is asked, no artist or label fits."""

_MOST_WORDS = 1_000
"""Characters of a parameter that are looked at."""

_INDEXED = 64
"""Characters that an index has of a text of any length."""


Hit = tuple[Entity, int]


class Finder:
    """Finds ids in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, said: Mapping[str, str], entities: Sequence[Entity]) -> list[Hit]:
        """Return what fits every parameter that is given, of these entities, in their order.

        Raises `TransientError` where that takes too long.
        """
        if not said:
            return []
        async with self._database.session() as session:
            ids = {
                entity: await _names(session, entity, said)
                for entity in entities
                if said.keys() <= _NAMES.get(entity, frozenset())
            }
            wanted = [entity for entity in entities if entity not in ids and _has_releases(entity)]
            if wanted:
                ids |= await _editions(session, said)
        return [(entity, id_) for entity in entities for id_ in ids.get(entity, ())]


def driver_of(said: Mapping[str, str]) -> str:
    """Return where a search of releases begins."""
    return next(driver for driver, names in _DRIVERS.items() if said.keys() & set(names))


def words_of(said: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the words of several parameters together."""
    return " ".join(said[name][:_MOST_WORDS] for name in names if name in said)


def _has_releases(entity: Entity) -> bool:
    return entity in (Entity.MASTER, Entity.RELEASE)


async def _names(session: Session, entity: Entity, said: Mapping[str, str]) -> list[int]:
    rows = await session.fetch(SQL(entity.plural), words_of(said, list(said)), MOST_ITEMS)
    return [row["id"] for row in rows]


async def _editions(session: Session, said: Mapping[str, str]) -> dict[Entity, list[int]]:
    """Return releases that fit, and their masters."""
    values = await _values(session, said)
    if values is None:
        return {Entity.MASTER: [], Entity.RELEASE: []}
    rows = await session.fetch(STATEMENTS[driver_of(said)], *values, MOST_ITEMS)
    masters = dict.fromkeys(row["master_id"] for row in rows if row["master_id"])
    return {Entity.MASTER: list(masters), Entity.RELEASE: [row["id"] for row in rows]}


async def _values(session: Session, said: Mapping[str, str]) -> list[Any] | None:
    """Return the values of a statement, None where one asks for what nothing has."""
    year = year_of(said.get("year", ""))
    spelt = {name: await _spelt(session, name, said) for name in ("genre", "style", "country")}
    digits = re.sub("[^0-9]", "", said.get("barcode", ""))[:32]
    known = {**spelt, "year": year, "barcode": digits}
    if any(name in said and not value for name, value in known.items()):
        return None
    wordy = ("title", "release_title", "artist", "anv", "label", "catno", "credit", "track")
    return [
        words_of(said, _DRIVERS["by_words"]) or None,
        *(said.get(name, "")[:_MOST_WORDS] or None for name in wordy),
        digits or None,
        *spelt.values(),
        said.get("format", "")[:_INDEXED].lower() or None,
        year,
        beginning(said["track"]) if "track" in said else None,
    ]


async def _spelt(session: Session, name: str, said: Mapping[str, str]) -> str | None:
    """Return a value as Discogs spells it, None where nothing is asked or nothing is so called."""
    if name not in said:
        return None
    ways = [row["word"] for row in await session.fetch(SQL(name), said[name])]
    return said[name] if said[name] in ways else next(iter(ways), None)


def year_of(asked: str) -> int | None:
    """Return the year that is asked for, None where it is none that a release can have."""
    plain = asked.isascii() and asked.isdigit() and len(asked) == 4
    return int(asked) if plain else None


def beginning(asked: str) -> str:
    """Return the pattern of what begins so, without case."""
    return re.sub(r"([\\%_])", r"\\\1", asked[:_INDEXED].lower()) + "%"
