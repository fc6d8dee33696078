"""What stands in a dump and no walker knows: counted by its path.

Attributes and text where none are declared are found for a whole group at once: asking every
element costs a tenth of the walk.  Counting all attributes, and those where attributes belong,
costs two XPaths a group, and text beside elements another; they are named only when there are
some.  (A path with ``//`` would be quadratic in libxml2.)
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

from lxml import etree

from common.entities import Entity
from common.records.shape import Shape, shape_of
from extractor.walkers.elements import Element

Oddities: TypeAlias = Counter[str]
"""Paths that no walker knows, and values left out because they cannot be read, with counts."""

BLANKS = " \t\r\n"
"""What XML takes for white space; a no-break space is text."""

TEXT = "text()"
"""The last step of a path to text that stands where the dumps have only elements."""

DEEPEST = 8
"""How often a shape may be inside itself, as tracks are."""


def count_inside(element: Element, path: str, odd: Oddities) -> None:
    """Count what is inside of an element that the dumps leave empty."""
    count_children(element, path, odd)
    if element.text and element.text.strip(BLANKS):
        odd[f"{path}/{TEXT}"] += 1


def count_children(element: Element, path: str, odd: Oddities) -> None:
    """Count the children of an element that holds nothing but text."""
    for child in element:
        odd[f"{path}/{child.tag}"] += 1


def _places(shape: Shape, path: str, around: tuple[Shape, ...] = ()) -> Iterator[str]:
    if shape.attributes:
        yield path
    for one in shape.children:
        if one.shape and around.count(one.shape) < DEEPEST:
            inner = f"{path}/{one.tag}/{one.item}".rstrip("/")
            yield from _places(one.shape, inner, (*around, one.shape))


_PLACES = {entity: frozenset(_places(shape_of(entity), entity)) for entity in Entity}
"""Where attributes are declared: walkers read them, and count those they do not know themselves."""


def _all_in_place(entity: Entity) -> etree.XPath:
    known = " + ".join(f"count({place}/@*)" for place in sorted(_PLACES[entity]))
    return etree.XPath(f"count(descendant::*/@*) = {known}")


_ALL_IN_PLACE = {entity: _all_in_place(entity) for entity in Entity}


_BESIDE_ELEMENTS = etree.XPath("descendant::*[*]/text()[normalize-space()]")


def count_text_beside_elements(root: Element, odd: Oddities) -> None:
    """Count the texts that stand before, between or after elements; under ``root`` are records."""
    texts: Any = _BESIDE_ELEMENTS(root)
    for text in texts:
        beside = text.getparent()
        odd[f"{_path(beside.getparent() if text.is_tail else beside, root)}/{TEXT}"] += 1


def count_unknown_attributes(root: Element, entity: Entity, odd: Oddities) -> None:
    """Count the attributes that no walker reads; the children of ``root`` are records."""
    if _ALL_IN_PLACE[entity](root):
        return
    for element in root.iterdescendants():
        if element.attrib and (path := _path(element, root)) not in _PLACES[entity]:
            for name in element.attrib:
                odd[f"{path}/@{name}"] += 1


def _path(element: Element, root: Element) -> str:
    tags = [element.tag]
    while (element := element.getparent()) is not root:
        tags.append(element.tag)
    return "/".join(reversed(tags))
