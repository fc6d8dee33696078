"""References: ``<name id="1">…</name>``, a name with the id of the record that it names."""

from collections.abc import Callable
from typing import Any, TypeAlias

from common.records.shape import Shape
from extractor.walkers.elements import BadRecordError, Element
from extractor.walkers.oddities import Oddities, count_children, count_inside
from extractor.walkers.values import reference_id, short

Reference: TypeAlias = dict[str, Any]


def reference_reader(shape: Shape, path: str) -> Callable[..., Reference | None]:
    """Return a reader of one, which may be given the id that stands before it."""
    number_key, name_key = _keys(shape)

    def read(element: Element, odd: Oddities, bare: str | None = None) -> Reference | None:
        for name, value in element.items():
            if name != number_key:
                odd[f"{path}/@{name}"] += 1
            elif bare and value and bare != value:
                raise BadRecordError(f"{path} with two ids, {short(bare)} and {short(value)}")
            else:
                bare = value or bare
        found = {}
        if number := reference_id(bare):
            found[number_key] = number
        count_children(element, path, odd)
        if content := element.text:
            found[name_key] = content
        return found or None

    return read


def references_reader(shape: Shape, tag: str, path: str) -> Callable[[Element, Oddities], Any]:
    """Return a reader of a list of references.

    Until 2020 the ids of members stand before the names as elements of their own, in the
    oldest dumps nowhere else.
    """
    number_key, _ = _keys(shape)
    read_one = reference_reader(shape, f"{path}/{tag}")

    def nameless(bare: str | None) -> list[Reference]:
        """Return what an id says that no name follows."""
        number = reference_id(bare)
        return [{number_key: number}] if number else []

    def read(parent: Element, odd: Oddities) -> list[Reference] | None:
        found: list[Reference] = []
        bare: str | None = None
        child = None
        for child in parent:
            if child.tag == number_key:
                found += nameless(bare)
                count_children(child, f"{path}/{number_key}", odd)
                bare = child.text
            elif child.tag != tag:
                odd[f"{path}/{child.tag}"] += 1
            else:
                if one := read_one(child, odd, bare):
                    found.append(one)
                bare = None
        if child is None:
            count_inside(parent, path, odd)
        return found + nameless(bare) or None

    return read


def _keys(shape: Shape) -> tuple[str, str]:
    """Return the keys of id and name: a reference has nothing else."""
    (number,), (name,) = shape.attributes, shape.content
    return number.key, name.key
