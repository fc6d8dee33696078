"""Readers of elements, made of what is declared of them.

What is empty says nothing.  A list given twice is one list; a single value may be given again, but
not with other content: what the dump means by that nobody knows, so the record is not loaded.

They run for every element of the dump, so they touch an element as few times as they can: a
tag, a text and an attribute are each a call into lxml.  What is known beforehand, such as a path,
is worked out when a reader is made: each serves one place in a record.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from common.records.shape import Said, Shape, Value
from extractor.walkers.elements import BadRecordError, Element
from extractor.walkers.oddities import DEEPEST, Oddities, count_children, count_inside
from extractor.walkers.references import reference_reader, references_reader
from extractor.walkers.values import MEANINGS

Reader: TypeAlias = Callable[[Element, Oddities], Any]
"""Reads one element; None is nothing."""

Around: TypeAlias = tuple[Shape, ...]
"""The shapes that an element stands in, the outermost first."""


def object_reader(shape: Shape, path: str, around: Around = ()) -> Reader:
    """Return a reader of elements that become objects, by key; one may be empty."""
    around = (*around, shape)
    if not shape.attributes:
        return _children(shape, path, around)
    attributes = _attributes(shape, path)
    if shape.children:
        children = _children(shape, path, around)
        return lambda element, odd: children(element, odd, attributes(element, odd))

    def read(element: Element, odd: Oddities) -> dict[str, Any]:
        count_inside(element, path, odd)
        return attributes(element, odd)

    return read


def _attributes(shape: Shape, path: str) -> Callable[[Element, Oddities], dict[str, Any]]:
    known = {
        one.key: (None if one.value is Value.TEXT else MEANINGS[one.value], f"{path}/@{one.key}")
        for one in shape.attributes
    }

    def read(element: Element, odd: Oddities) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, text in element.items():
            if name not in known:
                odd[f"{path}/@{name}"] += 1
                continue
            meaning, place = known[name]
            value = meaning(text, place, odd) if meaning else text or None
            if value is not None:
                data[name] = value
        return data

    return read


def _children(shape: Shape, path: str, around: Around) -> Callable[..., dict[str, Any]]:
    known = {
        one.tag: (one.key, one.value is Value.TEXT, _child(one, f"{path}/{one.tag}", around))
        for one in shape.children
    }
    last = [one.key for one in shape.children if one.value is Value.MEMBERS]

    def read(element: Element, odd: Oddities, data: dict[str, Any] | None = None) -> dict[str, Any]:
        data = {} if data is None else data
        child = None
        for child in element:
            tag = child.tag
            if tag not in known:
                odd[f"{path}/{tag}"] += 1
                continue
            key, is_text, read_child = known[tag]
            plain = is_text and not len(child)  # nearly all: worth a call less
            value = child.text or None if plain else read_child(child, odd)
            if value is not None:
                data[key] = _again(data[key], value, f"{path}/{tag}") if key in data else value
        if child is None:
            count_inside(element, path, odd)
        for key in last:
            data.update(data.pop(key, ()))
        return data

    return read


def _again(held: Any, value: Any, path: str) -> Any:
    """Return what two elements say; raise `BadRecordError` when they contradict each other."""
    if isinstance(value, list):
        return held + value
    if held != value:
        raise BadRecordError(f"{path} twice, with different content")
    return held


def _child(said: Said, path: str, around: Around) -> Reader:
    """Return the reader of a child; one inside of too many of its kind is refused."""
    inner, shape = f"{path}/{said.item}", said.shape
    if said.value is Value.TEXTS:
        return _items(said, path, _single(Value.TEXT, inner))
    if shape is None:
        return _single(said.value, path)
    if said.value is Value.MEMBERS:
        return _members(shape, path)
    if said.value is Value.REFERENCE:
        return reference_reader(shape, path)
    if said.value is Value.REFERENCES:
        return references_reader(shape, said.item, path)
    if around.count(shape) == DEEPEST:
        return _refuse(said.item)
    return _items(said, path, object_reader(shape, inner, around))


def _single(value: Value, path: str) -> Reader:
    meaning = MEANINGS[value]

    def read(element: Element, odd: Oddities) -> Any:
        if len(element):
            count_children(element, path, odd)
        return meaning(element.text, path, odd)

    return read


def _items(said: Said, path: str, read_item: Reader) -> Reader:
    tag, keeps_empty = said.item, said.keeps_empty

    def read(element: Element, odd: Oddities) -> list[Any] | None:
        found = []
        child = None
        for child in element:
            if child.tag != tag:
                odd[f"{path}/{child.tag}"] += 1
            elif (item := read_item(child, odd)) or keeps_empty:
                found.append(item)
        if child is None:
            count_inside(element, path, odd)
        return found or None

    return read


def _members(shape: Shape, path: str) -> Reader:
    """Return a reader of what becomes members of the object around: the text, then attributes."""
    (text,) = shape.content
    content, attributes = _single(text.value, path), _attributes(shape, path)

    def read(element: Element, odd: Oddities) -> dict[str, Any] | None:
        value = content(element, odd)
        data = {} if value is None else {text.key: value}
        return {**data, **attributes(element, odd)} or None

    return read


def _refuse(tag: str) -> Reader:
    def read(_element: Element, _odd: Oddities) -> None:
        raise BadRecordError(f"{tag}s nested more than {DEEPEST} deep")

    return read
