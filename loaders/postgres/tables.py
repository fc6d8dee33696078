"""The tables of each entity: their columns, and where in a record each one's value is.

`loaders.postgres.rows` makes their rows in Python, by functions of its own; the compiled encoder
goes by what is written here.  A test holds that both make the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import Any, TypeAlias

from common.entities import Entity
from common.records.derive import seconds_of, year_of

Row: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = dict[str, list[Row]]
"""Rows by table, the entity's own table first."""


class Kind(StrEnum):
    """What a column holds, and so its type."""

    RECORD = auto()  # integer: the record's id
    DUMP = auto()  # integer: the date of the dump
    FINGERPRINT = auto()  # bigint
    SEQUENCE = auto()  # integer: the place in the list, from 1
    OWNER = auto()  # integer: the place of what the list belongs to; NULL: of the record
    NUMBER = auto()  # integer
    FLAG = auto()  # boolean
    TEXT = auto()
    TEXTS = auto()  # text[]
    ITEM = auto()  # text: the list's item itself
    DERIVED = auto()  # integer: made of the text that has the same key
    SHORT = auto()  # smallint: the same
    DOCUMENT = auto()  # jsonb: all the data


TYPES: Mapping[Kind, str] = {
    Kind.RECORD: "integer",
    Kind.DUMP: "integer",
    Kind.FINGERPRINT: "bigint",
    Kind.SEQUENCE: "integer",
    Kind.OWNER: "integer",
    Kind.NUMBER: "integer",
    Kind.FLAG: "boolean",
    Kind.TEXT: "text",
    Kind.TEXTS: "text[]",
    Kind.ITEM: "text",
    Kind.DERIVED: "integer",
    Kind.SHORT: "smallint",
    Kind.DOCUMENT: "jsonb",
}
"""What the server calls the types."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``key`` names the member of its object, ``a.b`` a member of a member."""

    name: str
    kind: Kind
    key: str = ""
    derive: Callable[[str], int | None] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the member of a record that it is made of: a list, a row for each item.

    ``lists`` are tables made of lists inside the items.  Under ``again`` an item may have items
    of this very table; they follow it, numbered on.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    lists: tuple["Table", ...] = ()
    again: str = ""

    def flat(self) -> Iterator["Table"]:
        """Return this table and all that are inside."""
        yield self
        for table in self.lists:
            yield from table.flat()


def _number(name: str, key: str = "") -> Column:
    return Column(name, Kind.NUMBER, key or name)


def _text(name: str, key: str = "") -> Column:
    return Column(name, Kind.TEXT, key or name)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(_text(name) for name in names)


def _record(name: str, columns: tuple[Column, ...], *lists: Table) -> Table:
    own = (Kind.RECORD, "id"), (Kind.DUMP, "dump"), (Kind.FINGERPRINT, "fingerprint")
    return Table(name, "", (*(Column(name, kind) for kind, name in own), *columns), lists)


def _of(parent: str, name: str, key: str, *columns: Column) -> Table:
    place = Column(f"{parent}_id", Kind.RECORD), Column("sequence", Kind.SEQUENCE)
    return Table(name, key, (*place, *columns))


def _of_track(name: str, key: str, *columns: Column) -> Table:
    of_release = _of("release", name, key, *columns)
    release, *others = of_release.columns
    owner = Column("track_sequence", Kind.OWNER)
    return replace(of_release, columns=(release, owner, *others))


def _item(name: str) -> Column:
    return Column(name, Kind.ITEM)


def _reference(name: str) -> tuple[Column, ...]:
    return _number(name, "id"), _text("name")


_CREDIT = (
    *_reference("artist_id"),
    *(_text("anv"), _text("join_phrase", "join"), _text("role"), _text("tracks")),
)
_IMAGE = (*_texts("type", "uri", "uri150"), _number("width"), _number("height"))
_VIDEO = (
    *(_text("src"), _number("duration"), Column("embed", Kind.FLAG, "embed")),
    *_texts("title", "description"),
)

_ARTIST = _record(
    "artist",
    _texts("name", "real_name", "profile", "data_quality"),
    _of("artist", "artist_url", "urls", _item("url")),
    _of("artist", "artist_name_variation", "name_variations", _item("name")),
    _of("artist", "artist_alias", "aliases", *_reference("alias_id")),
    _of("artist", "artist_group", "groups", *_reference("group_id")),
    _of("group", "group_member", "members", *_reference("member_id")),
    _of("artist", "artist_image", "images", *_IMAGE),
)

_LABEL = _record(
    "label",
    (
        *_texts("name", "contact_info", "profile", "data_quality"),
        *(_number("parent_id", "parent.id"), _text("parent_name", "parent.name")),
    ),
    _of("label", "label_url", "urls", _item("url")),
    _of("label", "label_sublabel", "sublabels", *_reference("sublabel_id")),
    _of("label", "label_image", "images", *_IMAGE),
)

_MASTER = _record(
    "master",
    (
        *(_number("main_release_id", "main_release"), _number("year")),
        *_texts("title", "notes", "data_quality"),
    ),
    _of("master", "master_artist", "artists", *_CREDIT),
    _of("master", "master_genre", "genres", _item("genre")),
    _of("master", "master_style", "styles", _item("style")),
    _of("master", "master_video", "videos", *_VIDEO),
    _of("master", "master_image", "images", *_IMAGE),
)

_TRACKS = replace(
    _of(
        "release",
        "release_track",
        "tracks",
        Column("parent_sequence", Kind.OWNER),
        *_texts("position", "title", "duration"),
        Column("seconds", Kind.DERIVED, "duration", seconds_of),
    ),
    lists=(
        _of_track("release_track_artist", "artists", *_CREDIT),
        _of_track("release_track_credit", "credits", *_CREDIT),
    ),
    again="sub_tracks",
)

_RELEASE = _record(
    "release",
    (
        _number("master_id"),
        Column("is_main_release", Kind.FLAG, "is_main_release"),
        Column("year", Kind.SHORT, "released", year_of),
        *_texts("status", "title", "country", "released", "notes", "data_quality"),
    ),
    _of("release", "release_artist", "artists", *_CREDIT),
    _of("release", "release_credit", "credits", *_CREDIT),
    _of("release", "release_label", "labels", *_reference("label_id"), _text("catno")),
    _of("release", "release_series", "series", *_reference("series_id"), _text("catno")),
    _of(
        "release",
        "release_format",
        "formats",
        *_texts("name", "qty", "text"),
        Column("descriptions", Kind.TEXTS, "descriptions"),
    ),
    _of("release", "release_genre", "genres", _item("genre")),
    _of("release", "release_style", "styles", _item("style")),
    _of("release", "release_identifier", "identifiers", *_texts("type", "value", "description")),
    _of(
        "release",
        "release_company",
        "companies",
        *_reference("company_id"),
        *_texts("catno", "entity_type", "entity_type_name", "resource_url"),
    ),
    _of("release", "release_video", "videos", *_VIDEO),
    _TRACKS,
    _of("release", "release_image", "images", *_IMAGE),
)

_OWN: Mapping[Entity, Table] = {
    Entity.ARTIST: _ARTIST,
    Entity.LABEL: _LABEL,
    Entity.MASTER: _MASTER,
    Entity.RELEASE: _RELEASE,
}

TABLES: Mapping[Entity, Mapping[str, tuple[str, ...]]] = {
    entity: {table.name: tuple(column.name for column in table.columns) for table in own.flat()}
    for entity, own in _OWN.items()
}
"""The names of the columns that are filled, by table."""


_PLACES = ("track_sequence", "sequence")


def key_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that tell a row from all others, the record's id first.

    They are the first of their table: a row begins with its key.
    """
    return (columns[0], *(name for name in _PLACES if name in columns))


def table_of(entity: Entity, *, document: bool) -> Table:
    """Return an entity's own table, with the others inside; its document is last, if kept."""
    own = _OWN[entity]
    kept = Column("document", Kind.DOCUMENT)
    return replace(own, columns=(*own.columns, kept)) if document else own


def columns_of(entity: Entity, table: str, *, document: bool) -> tuple[str, ...]:
    """Return the columns to fill: an entity's own table has its document last, if kept."""
    columns = TABLES[entity][table]
    return (*columns, "document") if document and table == entity.value else columns
