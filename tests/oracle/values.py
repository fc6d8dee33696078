"""What a dump's texts mean: empty is absent, an id of 0 is none, dates stay text."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

Fields = dict[str, Any]


def text(parent: Element, path: str) -> str | None:
    """Return the text of a child, None when it has none; of several those that say something."""
    said = {found.text for found in parent.iterfind(path) if found.text}
    assert len(said) < 2, f"{path} says {sorted(said)}"
    return said.pop() if said else None


def attribute(element: Element, name: str) -> str | None:
    """Return an attribute, None when it is empty or absent."""
    return element.get(name) or None


def number(value: str | None) -> int | None:
    """Return a number that PostgreSQL's ``integer`` holds, None for any other text."""
    found = int(value) if value and re.fullmatch("[0-9]{1,12}", value) else None
    return found if found is not None and found < 2**31 else None


def reference(value: str | None) -> int | None:
    """Return the id that something is linked to: an empty one and 0 are none."""
    return number(value) or None


def truth(value: str | None) -> bool | None:
    """Return what ``true`` and ``false`` say, None for anything else."""
    return {"true": True, "false": False}.get(value or "")


def year(released: str | None) -> int | None:
    """Return the four digits that a date starts with, if they make a year of 1000 to 2999."""
    found = re.match("[12][0-9]{3}", released or "")
    return int(found[0]) if found else None


def seconds(duration: str | None) -> int | None:
    """Return the length that ``M:SS`` or ``H:MM:SS`` says, None for any other text."""
    if not re.fullmatch("([0-9]+:)?[0-9]+:[0-9]{1,2}", (duration or "").strip()):
        return None
    *hours, minutes, rest = (int(part) for part in (duration or "").split(":"))
    if rest > 59 or (hours and minutes > 59):
        return None
    return sum(hours) * 3600 + minutes * 60 + rest


def texts(parent: Element, path: str) -> list[str]:
    """Return the texts of all elements of a path that have one, in their order."""
    return [element.text for element in parent.iterfind(path) if element.text]


def kept(items: Iterator[Fields]) -> list[Fields]:
    """Return the items that say anything at all."""
    return [item for item in items if any(value is not None for value in item.values())]


def names(parent: Element, path: str) -> list[Fields]:
    """Return ``id`` and ``name`` of references.

    The dumps until 2020 write a member's id before the name as an element of its own; the
    oldest write it nowhere else.  An id that no name follows is a reference by itself.
    """
    found: list[Fields] = []
    container, tag = path.split("/")
    for list_ in parent.iterfind(container):
        bare: list[str | None] = []
        for child in list_:
            if child.tag == "id":
                found += [{"id": reference(one), "name": None} for one in bare]
                bare = [child.text]
            elif child.tag == tag:
                own = child.get("id") or (bare[0] if bare else None)
                found.append({"id": reference(own), "name": child.text or None})
                bare = []
        found += [{"id": reference(one), "name": None} for one in bare]
    return kept(iter(found))


def credits_of(parent: Element, path: str) -> list[Fields]:
    """Return the artists credited, each with ``id`` and the five texts."""
    fields = ("name", "anv", "join", "role", "tracks")
    return kept(
        {"id": reference(text(artist, "id"))} | {name: text(artist, name) for name in fields}
        for artist in parent.iterfind(f"{path}/artist")
    )


def labels_of(parent: Element, path: str) -> list[Fields]:
    """Return ``id``, ``name`` and ``catno`` of labels or series on a release."""
    return kept(
        {
            "id": reference(label.get("id")),
            "name": attribute(label, "name"),
            "catno": attribute(label, "catno"),
        }
        for label in parent.iterfind(path)
    )
