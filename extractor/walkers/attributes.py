"""Attributes and text where the dumps have none: found for a whole group at once.

Asking every element costs a tenth of the walk.  Counting all attributes, and those where
attributes belong, costs two XPaths a group, and text beside elements another; they are named only
when there are some.
(A path with ``//`` would be quadratic in libxml2.)
"""

from typing import Any

from lxml import etree

from common.entities import Entity
from extractor.walkers.fields import TEXT, Element
from extractor.walkers.values import Oddities

_PLACES: dict[Entity, frozenset[str]] = {
    Entity.ARTIST: frozenset(
        ("artist/aliases/name", "artist/groups/name", "artist/members/name", "artist/images/image")
    ),
    Entity.LABEL: frozenset(("label/parentLabel", "label/sublabels/label", "label/images/image")),
    Entity.MASTER: frozenset(("master", "master/videos/video", "master/images/image")),
    Entity.RELEASE: frozenset(
        (
            "release",
            "release/labels/label",
            "release/series/series",
            "release/formats/format",
            "release/master_id",
            "release/identifiers/identifier",
            "release/videos/video",
            "release/images/image",
        )
    ),
}
"""Where walkers read attributes, and count those they do not know themselves."""


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
