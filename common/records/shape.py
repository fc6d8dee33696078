"""How the dump says a record: the tags and attributes that walkers look for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto

from common.entities import Entity
from common.records import RECORD_TYPES
from common.records.declaring import Attribute, Child, Content, RecordType, Refers, ZeroIsNone
from common.records.fields import Field, fields_of


class Value(StrEnum):
    """What a child, an attribute or an element's text holds."""

    OWN_ID = auto()  # the record's own id; not part of its data
    TEXT = auto()
    FLAG = auto()  # "true" or "false"
    MEASURE = auto()  # a number that may be 0
    NUMBER = auto()  # a number; 0 says that there is none
    ID = auto()  # the id of another record; 0 says the same
    TEXTS = auto()  # a list of texts, each in an item
    REFERENCE = auto()  # a name with an id
    REFERENCES = auto()  # a list of them, each in an item; an id may stand before, by itself
    OBJECTS = auto()  # a list of objects, each in an item
    MEMBERS = auto()  # no object of its own: its members go to the one around, after all others


_PLAIN: Mapping[type, Value] = {str: Value.TEXT, bool: Value.FLAG, int: Value.MEASURE}


@dataclass(frozen=True, slots=True)
class Said:
    """A child, an attribute or a text: its tag, the key it becomes, what it holds.

    ``item`` is the tag of a list's items, ``shape`` that of an object or of the items.
    """

    tag: str
    key: str
    value: Value
    item: str = ""
    keeps_empty: bool = False
    shape: "Shape | None" = None


@dataclass(eq=False, slots=True)
class Shape:
    """An element that becomes an object: its attributes, its children, or its text.

    ``content`` has the text, if it has a meaning.
    """

    attributes: list[Said] = field(default_factory=list)
    children: list[Said] = field(default_factory=list)
    content: list[Said] = field(default_factory=list)


def shape_of(entity: Entity) -> Shape:
    """Return the shape of an entity's records."""
    return _RECORDS[entity]


def record_shape(of: RecordType) -> Shape:
    """Return the shape of a kind of record."""
    shape = _shape(of.data, {})
    among = shape.attributes if isinstance(of.id, Attribute) else shape.children
    among.insert(0, Said("id", "id", Value.OWN_ID))
    return shape


def _shape(declared: type, known: dict[type, Shape]) -> Shape:
    """Return the shape of a ``TypedDict``, which may be inside of itself."""
    if declared not in known:
        known[declared] = Shape()
        for one in fields_of(declared):
            _add(known[declared], one, known)
    return known[declared]


def _add(shape: Shape, one: Field, known: dict[type, Shape]) -> None:
    if one.marked(Content):
        shape.content.append(Said("", one.key, _value(one)))
    elif attribute := one.marked(Attribute):
        among = _members(shape, attribute.of).attributes if attribute.of else shape.attributes
        among.append(Said(one.key, one.key, _value(one)))
    else:
        shape.children.append(_child(one, known))


def _child(one: Field, known: dict[type, Shape]) -> Said:
    place = one.marked(Child) or Child()
    inner = _shape(one.of, known) if one.is_object else None
    value = _value(one)
    if inner and inner.content:
        value = Value.REFERENCES if one.is_list else Value.REFERENCE
    elif inner and not one.is_list:
        raise TypeError(f"{one.key}: one object that is no reference is read by no walker yet")
    return Said(place.tag or one.key, one.key, value, place.item, place.keeps_empty, inner)


def _value(one: Field) -> Value:
    if one.is_object:
        return Value.OBJECTS
    if one.is_list:
        return Value.TEXTS
    if one.marked(Refers):
        return Value.ID
    return Value.NUMBER if one.marked(ZeroIsNone) else _PLAIN[one.of]


def _members(shape: Shape, tag: str) -> Shape:
    """Return the shape of a child with attributes of its own; its text is what was declared."""
    place = next(n for n, child in enumerate(shape.children) if child.tag == tag)
    child = shape.children[place]
    if child.value is Value.MEMBERS and child.shape:
        return child.shape
    inner = Shape(content=[replace(child, tag="")])
    shape.children[place] = Said(tag, tag, Value.MEMBERS, shape=inner)
    return inner


_RECORDS: Mapping[Entity, Shape] = {entity: record_shape(of) for entity, of in RECORD_TYPES.items()}
