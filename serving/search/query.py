"""What somebody asks of search, and whether that can be asked: pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import orjson

from common.entities import ID_LIMIT, Entity

LONGEST = 200  # characters, of each part of a query
MOST_WORDS = 20

_DIGITS = re.compile(r"[0-9][0-9 -]*")
_SHORTEST_BARCODE = 6  # digits
_UPC, _EAN = 12, 13  # digits: the second is the first after a zero

_UNDERSTOOD: Mapping[Entity, frozenset[str]] = {
    Entity.ARTIST: frozenset({"title"}),
    Entity.LABEL: frozenset({"title"}),
    Entity.MASTER: frozenset(
        {"artist", "anv", "title", "genre", "style", "year_from", "year_to"},
    ),
    Entity.RELEASE: frozenset(
        {
            *("artist", "anv", "title", "label", "catno", "barcode", "genre", "style", "country"),
            *("format", "credit", "track", "number", "year_from", "year_to"),
        }
    ),
}
"""What of a query a record of each kind can be asked for, beside words."""

_IN_WORDS = ("text", "artist", "anv", "title", "label", "catno")
"""What is among the words of a record."""

_NAMES = ("text", "title", "artist", "anv", "label")
"""What names are compared with: the first of them that is asked."""


NOTHING_ELSE = "{}"
"""The filters of a query that has none."""


class QueryError(ValueError):
    """A query that is not answered; it says why in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked: ``text`` of any words, the others of one part of a record each.

    ``title`` is that of a master or release, or the name of an artist or label; ``number`` is a
    whole catalogue number, ``catno`` some words of one.  Empty and None ask nothing.  Artists and
    labels are looked for only where nothing else is asked than they have.
    """

    text: str = ""
    entities: tuple[Entity, ...] = tuple(Entity)
    artist: str = ""
    anv: str = ""
    title: str = ""
    label: str = ""
    catno: str = ""
    barcode: str = ""
    genre: str = ""
    style: str = ""
    country: str = ""
    format: str = ""
    credit: str = ""
    track: str = ""
    number: str = ""
    year_from: int | None = None
    year_to: int | None = None

    def __post_init__(self) -> None:
        """Raise `QueryError` for what is not answered."""
        for name, value in self._asked():
            if isinstance(value, str):
                _check(name, value)
        if len(self.words.split()) > MOST_WORDS:
            raise QueryError(f"more than {MOST_WORDS} words")
        if not self.source:
            raise QueryError(
                "ask for words (q, artist, title, label, catno), a barcode, track, style or genre"
            )

    @property
    def words(self) -> str:
        """What a record has to have among its words."""
        return " ".join(filter(None, (getattr(self, name).strip() for name in _IN_WORDS)))

    @property
    def name(self) -> str:
        """What names and titles are compared with."""
        return next(filter(None, (getattr(self, name).strip() for name in _NAMES)), "")

    @property
    def source(self) -> str:
        """Which index leads to the candidates; empty: none does."""
        sources = ("number", "words", "barcode", "track", "style", "genre")
        return next((name for name in sources if getattr(self, name)), "")

    @property
    def asked_of(self) -> tuple[Entity, ...]:
        """The kinds of record that have all that is asked."""
        asked = {name for name, _ in self._asked()} - {"text"}
        return tuple(one for one in self.entities if asked <= _UNDERSTOOD[one])

    @property
    def filters(self) -> str:
        """What is asked of single parts, as JSON."""
        asked: dict[str, Any] = {name: value for name, value in self._asked() if name != "text"}
        if self.barcode:
            asked["barcode"] = barcodes_of(self.barcode)
        return orjson.dumps(asked).decode()

    def _asked(self) -> Iterator[tuple[str, str | int]]:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "entities" and value not in ("", None):
                yield field.name, value


def _check(name: str, value: str) -> None:
    if len(value) > LONGEST:
        raise QueryError(f"{name} has more than {LONGEST} characters")
    if "\0" in value:
        raise QueryError(f"{name} has a character that no text has")


def digits_of(text: str) -> str:
    """Return the digits of a text that is nothing but digits, spaces and hyphens, or nothing."""
    text = text.strip()
    return re.sub("[ -]", "", text) if _DIGITS.fullmatch(text) else ""


def id_of(digits: str) -> int | None:
    """Return the id that digits are, None where they cannot be any."""
    number = int(digits) if 0 < len(digits) <= len(str(ID_LIMIT)) else 0
    return number if 0 < number < ID_LIMIT else None


def barcodes_of(text: str) -> list[str]:
    """Return the barcodes that a text may stand for: a UPC is an EAN without its zero."""
    digits = re.sub("[^0-9]", "", text)
    if len(digits) < _SHORTEST_BARCODE:
        return []
    if len(digits) == _UPC:
        return [digits, f"0{digits}"]
    return [digits, digits[1:]] if len(digits) == _EAN and digits[0] == "0" else [digits]
