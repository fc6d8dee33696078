"""The pieces that walkers are made of.

What is empty says nothing.  A list given twice is one list; a single value may be given again, but
not with other content: what the dump means by that nobody knows, so the record is not loaded.

They run for every element of the dump, so they touch an element as few times as they can: a
tag, a text and an attribute are each a call into lxml.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from common.records import Credit, Image, LabelCredit, Reference, Video
from extractor.walkers.values import (
    BadRecordError,
    Oddities,
    flag,
    measure,
    reference_id,
    short,
)

Element: TypeAlias = Any
"""An lxml element (lxml-stubs types text and attributes too loosely to be of use here)."""

Reader: TypeAlias = Callable[[Element, str, Oddities], Any]
"""Reads one child, given its path; what it returns is left out when empty."""

Fields: TypeAlias = Mapping[str, tuple[str, Reader]]
"""A child's tag: the record's key, and how to read the child."""


BLANKS = " \t\r\n"
"""What XML takes for white space; a no-break space is text."""

TEXT = "text()"
"""The last step of a path to text that stands where the dumps have only elements."""


def read_fields(element: Element, fields: Fields, path: str, odd: Oddities) -> dict[str, Any]:
    """Read an element's children by a table."""
    data: dict[str, Any] = {}
    child = None
    for child in element:
        tag = child.tag
        if tag not in fields:
            odd[f"{path}/{tag}"] += 1
            continue
        key, read = fields[tag]
        plain = read is text and not len(child)  # nearly all: worth a call less
        value = child.text if plain else read(child, f"{path}/{tag}", odd)
        if value:
            keep(data, key, value, f"{path}/{tag}")
    if child is None:
        count_inside(element, path, odd)
    return data


def keep(data: dict[str, Any], key: str, value: Any, path: str) -> None:
    """Add what an element says; raise `BadRecordError` when an earlier one says otherwise."""
    held = data.setdefault(key, value)
    if held is value:
        return
    if isinstance(value, list):
        data[key] = held + value
    elif held != value:
        raise BadRecordError(f"{path} twice, with different content")


def items(parent: Iterable[Element], tag: str, path: str, odd: Oddities) -> Iterator[Element]:
    """Yield the children with this tag; count what else there is."""
    child = None
    for child in parent:
        if child.tag == tag:
            yield child
        else:
            odd[f"{path}/{child.tag}"] += 1
    if child is None:
        count_inside(parent, path, odd)


def count_inside(element: Element, path: str, odd: Oddities) -> None:
    """Count what is inside of an element that the dumps leave empty."""
    for child in element:
        odd[f"{path}/{child.tag}"] += 1
    if element.text and element.text.strip(BLANKS):
        odd[f"{path}/{TEXT}"] += 1


def text(element: Element, path: str, odd: Oddities) -> str | None:
    """Read an element that holds nothing but text."""
    for child in element:
        odd[f"{path}/{child.tag}"] += 1
    content: str | None = element.text
    return content


def texts(tag: str) -> Reader:
    """Return a reader of children with this tag that hold nothing but text."""

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[str]:
        inner = f"{path}/{tag}"
        found = (text(child, inner, odd) for child in items(parent, tag, path, odd))
        return [content for content in found if content]

    return read


def references(tag: str) -> Reader:
    """Return a reader of ``<name id="1">…</name>`` children with this tag.

    Until 2020 the ids of members stand before the names as elements of their own, in the
    oldest dumps nowhere else.
    """

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[Reference]:
        found: list[Reference] = []
        bare: str | None = None
        child = None
        for child in parent:
            if child.tag == "id":
                found += _nameless(bare)
                bare = text(child, f"{path}/id", odd)
            elif child.tag != tag:
                odd[f"{path}/{child.tag}"] += 1
            else:
                if found_one := reference(child, f"{path}/{tag}", odd, bare):
                    found.append(found_one)
                bare = None
        if child is None:
            count_inside(parent, path, odd)
        return found + _nameless(bare)

    return read


def _nameless(bare: str | None) -> list[Reference]:
    """Return what an id says that no name follows."""
    number = reference_id(bare)
    return [{"id": number}] if number else []


def reference(element: Element, path: str, odd: Oddities, bare: str | None = None) -> Reference:
    """Read a name with an ``id`` attribute; ``bare`` is the id that stands before it."""
    found: Reference = {}
    for name, value in element.items():
        if name != "id":
            odd[f"{path}/@{name}"] += 1
        elif bare and value and bare != value:
            raise BadRecordError(f"{path} with two ids, {short(bare)} and {short(value)}")
        else:
            bare = value or bare
    if number := reference_id(bare):
        found["id"] = number
    if content := text(element, path, odd):
        found["name"] = content
    return found


def number_of_reference(element: Element, path: str, odd: Oddities) -> int | None:
    """Read an element that holds the id of something referred to."""
    return reference_id(text(element, path, odd))


_CREDIT_FIELDS: Fields = {
    "id": ("id", number_of_reference),
    **{tag: (tag, text) for tag in ("name", "anv", "join", "role", "tracks")},
}


def objects(tag: str, fields: Fields) -> Reader:
    """Return a reader of children with this tag that hold ``fields``; empty ones are left out."""

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[Any]:
        inner = f"{path}/{tag}"
        found = (read_fields(child, fields, inner, odd) for child in items(parent, tag, path, odd))
        return [one for one in found if one]

    return read


artist_credits: Callable[[Iterable[Element], str, Oddities], list[Credit]] = objects(
    "artist", _CREDIT_FIELDS
)
"""Reads ``<artist>`` children: the artists of a master, release or track."""


def attributes(
    element: Element,
    path: str,
    odd: Oddities,
    *,
    of_text: Iterable[str],
    of_numbers: Iterable[str] = (),
    of_flags: Iterable[str] = (),
) -> dict[str, Any]:
    """Read attributes under their own names; empty ones are left out."""
    found: dict[str, Any] = {}
    for name, value in element.items():
        if name in of_numbers:
            if (number := measure(value, f"{path}/@{name}", odd)) is not None:
                found[name] = number
        elif name in of_flags:
            if (said := flag(value, f"{path}/@{name}", odd)) is not None:
                found[name] = said
        elif name not in of_text:
            odd[f"{path}/@{name}"] += 1
        elif value:
            found[name] = value
    return found


_IMAGE_TEXTS = frozenset(("type", "uri", "uri150"))
_IMAGE_NUMBERS = frozenset(("width", "height"))


def images(parent: Iterable[Element], path: str, odd: Oddities) -> list[Image]:
    """Read ``<image type uri uri150 width height/>`` children."""
    found: list[Any] = []
    inner = f"{path}/image"
    for child in items(parent, "image", path, odd):
        count_inside(child, inner, odd)
        found.append(attributes(child, inner, odd, of_text=_IMAGE_TEXTS, of_numbers=_IMAGE_NUMBERS))
    return [image for image in found if image]


_VIDEO_TEXTS = frozenset(("src",))
_VIDEO_NUMBERS = frozenset(("duration",))
_VIDEO_FLAGS = frozenset(("embed",))
_VIDEO_FIELDS: Fields = {"title": ("title", text), "description": ("description", text)}


def videos(parent: Iterable[Element], path: str, odd: Oddities) -> list[Video]:
    """Read ``<video src duration embed>`` children with their title and description."""
    found: list[Any] = []
    inner = f"{path}/video"
    for child in items(parent, "video", path, odd):
        video = attributes(
            child,
            inner,
            odd,
            of_text=_VIDEO_TEXTS,
            of_numbers=_VIDEO_NUMBERS,
            of_flags=_VIDEO_FLAGS,
        )
        video.update(read_fields(child, _VIDEO_FIELDS, inner, odd))
        if video:
            found.append(video)
    return found


_LABEL_TEXTS = frozenset(("name", "catno"))


def label_credits(tag: str) -> Reader:
    """Return a reader of ``<label name catno id/>`` children with this tag."""

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[LabelCredit]:
        found: list[Any] = []
        inner = f"{path}/{tag}"
        for child in items(parent, tag, path, odd):
            count_inside(child, inner, odd)
            label: dict[str, Any] = {}
            for name, value in child.items():
                if name == "id":
                    if number := reference_id(value):
                        label["id"] = number
                elif name not in _LABEL_TEXTS:
                    odd[f"{inner}/@{name}"] += 1
                elif value:
                    label[name] = value
            if label:
                found.append(label)
        return found

    return read
