"""The tables of each entity: their columns, and where in a record each one's value is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from common.entities import Entity
from common.records import RECORD_TYPES, declaring
from common.records.declaring import Columns, Derived, RecordType
from common.records.fields import Field, fields_of


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


_KINDS: Mapping[type, Kind] = {str: Kind.TEXT, bool: Kind.FLAG, int: Kind.NUMBER}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``key`` names the member of its object, ``a.b`` a member of a member.

    ``longest`` is how many bytes a text may have, 0: any number.
    """

    name: str
    kind: Kind
    about: str
    key: str = ""
    derive: Callable[[str], int | None] | None = None
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the member of a record that it is made of: a list, a row for each item.

    ``lists`` are tables made of lists inside the items.  Under ``again`` an item may have items
    of this very table; they follow it, numbered on.
    """

    name: str
    about: str
    key: str
    columns: tuple[Column, ...]
    lists: tuple["Table", ...] = ()
    again: str = ""

    def flat(self) -> Iterator["Table"]:
        """Return this table and all that are inside."""
        yield self
        for table in self.lists:
            yield from table.flat()


_OWN = (
    Column("id", Kind.RECORD, "Discogs' id of the {entity}"),
    Column("dump", Kind.DUMP, "date of the dump that last changed this row, as in 20260801"),
    Column(
        "fingerprint",
        Kind.FINGERPRINT,
        "hash of the record in the dump; two equal ones are the same content",
    ),
)
_UPDATED = (
    "A row is updated when its record changes, and of its children those that differ are replaced."
)
_DOCUMENT = Column(
    "document",
    Kind.DOCUMENT,
    "the whole record as JSON; NULL unless waxline is told to keep documents",
)
_PLACES = ("track_sequence", "sequence")


def key_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that tell a row from all others, the record's id first.

    They are the first of their table: a row begins with its key.
    """
    return (columns[0], *(name for name in _PLACES if name in columns))


def table_of(entity: Entity, *, document: bool) -> Table:
    """Return an entity's own table, with the others inside; its document is last, if kept."""
    own = _TABLES[entity]
    return replace(own, columns=(*own.columns, _DOCUMENT)) if document else own


def columns_of(entity: Entity, table: str, *, document: bool) -> tuple[str, ...]:
    """Return the columns to fill: an entity's own table has its document last, if kept."""
    columns = TABLES[entity][table]
    return (*columns, "document") if document and table == entity.value else columns


def _own_table(entity: Entity, of: RecordType) -> Table:
    id_, *others = _OWN
    own = (replace(id_, about=id_.about.format(entity=entity)), *others)
    said = _columns(of.data, {})
    said.sort(key=lambda one: of.first.index(one.name) if one.name in of.first else len(of.first))
    lists = tuple(_list(entity, one, table) for one, table in _listed(of.data))
    return Table(entity.value, f"{of.about} {_UPDATED}", "", (*own, *said), lists)


def _list(
    entity: Entity, one: Field, table: declaring.Table, owner: declaring.Table | None = None
) -> Table:
    """Return the table of a list; ``owner`` is that of the list whose items have it."""
    again = next((inner.key for inner in _members(one.of) if inner.of is one.of), "")
    columns = (*_place(entity, table, owner, again), *_columns(one.of, table.columns))
    lists = tuple(_list(entity, inner, of, table) for inner, of in _listed(one.of))
    return Table(table.name, table.about, one.key, columns, lists, again)


def _place(
    entity: Entity, table: declaring.Table, owner: declaring.Table | None, again: str
) -> Iterator[Column]:
    parent = table.parent or declaring.Column(f"the {entity}", f"{entity}_id")
    yield Column(parent.name, Kind.RECORD, parent.about)
    if owner:
        of = owner.name.removeprefix(f"{entity}_")
        yield Column(f"{of}_sequence", Kind.OWNER, f"the {of}: {owner.name}.sequence")
    yield Column("sequence", Kind.SEQUENCE, table.sequence)
    if again:
        about = "of a sub-track: the sequence of the track it belongs to"
        yield Column("parent_sequence", Kind.OWNER, about)


def _listed(of: type) -> Iterator[tuple[Field, declaring.Table]]:
    for one in _members(of):
        if table := one.marked(declaring.Table):
            yield one, table


def _members(of: type) -> tuple[Field, ...]:
    return () if of is str else fields_of(of)


def _columns(of: type, named: Mapping[str, declaring.Column]) -> list[Column]:
    """Return what is declared of an object's members, or of a text; ``named`` goes before."""
    if of is str:
        item = named[declaring.ITEM]
        return [Column(item.name, Kind.ITEM, item.about, longest=item.longest)]
    return [column for one in fields_of(of) for column in _of_member(one, named)]


def _of_member(one: Field, named: Mapping[str, declaring.Column]) -> Iterator[Column]:
    inner = one.marked(Columns)
    if inner:
        for column in _columns(one.of, inner.of):
            yield replace(column, key=f"{one.key}.{column.key}")
    column_ = named.get(one.key) or one.marked(declaring.Column)
    if column_:
        kind = Kind.TEXTS if one.is_list else _KINDS[one.of]
        yield Column(column_.name or one.key, kind, column_.about, one.key)
    if derived := one.marked(Derived):
        kind = Kind.SHORT if derived.small else Kind.DERIVED
        yield Column(derived.name, kind, derived.about, one.key, derived.make)


_TABLES: Mapping[Entity, Table] = {
    entity: _own_table(entity, of) for entity, of in RECORD_TYPES.items()
}

TABLES: Mapping[Entity, Mapping[str, tuple[str, ...]]] = {
    entity: {table.name: tuple(column.name for column in table.columns) for table in own.flat()}
    for entity, own in _TABLES.items()
}
"""The names of the columns that are filled, by table."""
