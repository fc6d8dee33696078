"""The words that a record is declared in: where the dump says a field, and what becomes of it.

They stand beside the field's type, in `typing.Annotated`.  What is not said is as mostly: a child
element of the field's own name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias


@dataclass(frozen=True, slots=True)
class Child:
    """A child element says it; ``tag`` is its name where that is not the field's.

    Of a list, ``item`` is the tag of what is inside, and ``keeps_empty`` tells whether items that
    say nothing stand in it: they count where others go by their places.
    """

    tag: str = ""
    item: str = ""
    keeps_empty: bool = False


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the field's name says it, of the object's element or of its child ``of``."""

    of: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The text of the object's own element says it."""


@dataclass(frozen=True, slots=True)
class ZeroIsNone:
    """The dump's ``0`` says that there is none."""


@dataclass(frozen=True, slots=True)
class Refers:
    """It names another record, which need not exist; ``0`` says that there is none.

    A record that has anything but an id there cannot be loaded.
    """


Id: TypeAlias = Annotated[int, Refers()]


@dataclass(frozen=True, slots=True)
class Column:
    """The column of a table that holds it, with its comment; ``name`` where it is not the field's.

    ``longest`` is what a text may have, in bytes, 0: any: an index takes no more.
    """

    about: str
    name: str = ""
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Derived:
    """A second column, a number made of the text; ``small`` numbers are below 2**15."""

    name: str
    make: Callable[[str], int | None]
    about: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the object's own members, where they are not those of its type."""

    of: Mapping[str, Column]


ITEM = ""
"""In place of a member's name: the list's item itself, where items are texts."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a list, a row for each item.

    ``columns`` are those that differ from the items' own; ``sequence`` is the comment of the place
    in the list, ``parent`` the column of the record's id.
    """

    name: str
    about: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    sequence: str = "place in the list, from 1; the order of the dump"
    parent: Column | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """The node of the record in the graph has it, by the field's name."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Edges of the record in the graph: their type, the label they lead to, their properties."""

    type: str
    target: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record: its data (a ``TypedDict``), where its own id stands, its table's comment.

    ``first`` are the columns that stand before the others, of fixed width.
    """

    data: type
    id: Child | Attribute
    about: str
    first: tuple[str, ...] = ()
