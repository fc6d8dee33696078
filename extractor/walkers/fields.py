"""The pieces that walkers are made of.

They run for every element of the dump, so they touch an element as few times as they can: a
tag, a text and an attribute are each a call into lxml.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from common.entities import ID_LIMIT
from common.records import Credit, Image, LabelCredit, Reference, Video

Element: TypeAlias = Any
"""An lxml element (lxml-stubs types text and attributes too loosely to be of use here)."""

Oddities: TypeAlias = Counter[str]
"""Paths that no walker knows, and values left out because they cannot be read, with counts."""

Reader: TypeAlias = Callable[[Element, str, Oddities], Any]
"""Reads one child, given its path; what it returns is left out when empty."""

Fields: TypeAlias = Mapping[str, tuple[str, Reader]]
"""A child's tag: the record's key, and how to read the child."""


class BadRecordError(ValueError):
    """The record cannot be loaded; its text is the reason."""


def read_fields(element: Element, fields: Fields, path: str, odd: Oddities) -> dict[str, Any]:
    """Read an element's children by a table."""
    data: dict[str, Any] = {}
    for child in element:
        tag = child.tag
        if tag not in fields:
            odd[f"{path}/{tag}"] += 1
            continue
        key, read = fields[tag]
        plain = read is text and not len(child)  # nearly all: worth a call less
        value = child.text if plain else read(child, f"{path}/{tag}", odd)
        if value:
            data[key] = value
    return data


def text(element: Element, path: str, odd: Oddities) -> str | None:
    """Read an element that holds nothing but text."""
    if len(element):
        odd[f"{path}/{element[0].tag}"] += 1
    content: str | None = element.text
    return content


def own_id(value: str | None) -> int:
    """Read a record's own id; raise `BadRecordError` unless it is in 1 … 2**31 - 1."""
    number = whole_number(value)
    if not number:
        raise BadRecordError(f"id {_short(value)} is not a number from 1 to {ID_LIMIT - 1}")
    return number


def reference_id(value: str | None) -> int | None:
    """Read the id of something referred to; None where the dump says that it has none."""
    if not value or value == "0":
        return None
    if len(value) < 10 and value.isascii() and value.isdigit():  # nearly all, at once
        return int(value) or None
    number = whole_number(value)
    if number is None:
        raise BadRecordError(f"reference {_short(value)} is not an id below {ID_LIMIT}")
    return number or None


def whole_number(value: str | None) -> int | None:
    """Return a number below 2**31 written in ASCII digits, else None."""
    if not value or len(value) > 10 or not (value.isascii() and value.isdigit()):
        return None
    number = int(value)
    return number if number < ID_LIMIT else None


def measure(value: str | None, path: str, odd: Oddities) -> int | None:
    """Read a size, year or duration; count one that is no number below 2**31 as odd."""
    number = whole_number(value)
    if number is None and value:
        odd[f"{path}: not a number"] += 1
    return number


def texts(tag: str) -> Reader:
    """Return a reader of children with this tag that hold nothing but text."""

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[str]:
        found = []
        for child in parent:
            if child.tag != tag:
                odd[f"{path}/{child.tag}"] += 1
            elif content := child.text:
                found.append(content)
        return found

    return read


def references(tag: str) -> Reader:
    """Return a reader of ``<name id="1">…</name>`` children with this tag.

    Until 2020 the ids of members stand before the names as elements of their own, in the
    oldest dumps nowhere else.
    """

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[Reference]:
        found: list[Reference] = []
        bare: str | None = None
        for child in parent:
            if child.tag == "id":
                bare = child.text
            elif child.tag != tag:
                odd[f"{path}/{child.tag}"] += 1
            else:
                if found_one := reference(child, f"{path}/{tag}", odd, bare):
                    found.append(found_one)
                bare = None
        return found

    return read


def reference(element: Element, path: str, odd: Oddities, bare: str | None = None) -> Reference:
    """Read a name with an ``id`` attribute; ``bare`` is the id when it has none."""
    found: Reference = {}
    for name, value in element.items():
        if name == "id":
            bare = value
        else:
            odd[f"{path}/@{name}"] += 1
    if number := reference_id(bare):
        found["id"] = number
    if content := element.text:
        found["name"] = content
    return found


_CREDIT_TEXTS = frozenset(("name", "anv", "join", "role", "tracks"))


def artist_credits(parent: Iterable[Element], path: str, odd: Oddities) -> list[Credit]:
    """Read ``<artist>`` children: the artists of a master, release or track."""
    found: list[Any] = []
    for artist in parent:
        if artist.tag != "artist":
            odd[f"{path}/{artist.tag}"] += 1
            continue
        credit: dict[str, Any] = {}
        for field in artist:
            tag, content = field.tag, field.text
            if tag in _CREDIT_TEXTS:
                if content:
                    credit[tag] = content
            elif tag != "id":
                odd[f"{path}/artist/{tag}"] += 1
            elif number := reference_id(content):
                credit["id"] = number
        if credit:
            found.append(credit)
    return found


def attributes(
    element: Element,
    path: str,
    odd: Oddities,
    *,
    of_text: Iterable[str],
    of_numbers: Iterable[str] = (),
) -> dict[str, Any]:
    """Read attributes under their own names; empty ones are left out."""
    found: dict[str, Any] = {}
    for name, value in element.items():
        if name in of_numbers:
            if (number := measure(value, f"{path}/@{name}", odd)) is not None:
                found[name] = number
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
    for child in parent:
        if child.tag != "image":
            odd[f"{path}/{child.tag}"] += 1
        elif image := attributes(
            child, f"{path}/image", odd, of_text=_IMAGE_TEXTS, of_numbers=_IMAGE_NUMBERS
        ):
            found.append(image)
    return found


_VIDEO_ATTRIBUTES = frozenset(("src", "embed"))
_VIDEO_NUMBERS = frozenset(("duration",))
_VIDEO_FIELDS: Fields = {"title": ("title", text), "description": ("description", text)}


def videos(parent: Iterable[Element], path: str, odd: Oddities) -> list[Video]:
    """Read ``<video src duration embed>`` children with their title and description."""
    found: list[Any] = []
    inner = f"{path}/video"
    for child in parent:
        if child.tag != "video":
            odd[f"{path}/{child.tag}"] += 1
            continue
        video = attributes(child, inner, odd, of_text=_VIDEO_ATTRIBUTES, of_numbers=_VIDEO_NUMBERS)
        if "embed" in video:
            video["embed"] = video["embed"] == "true"
        video.update(read_fields(child, _VIDEO_FIELDS, inner, odd))
        if video:
            found.append(video)
    return found


_LABEL_TEXTS = frozenset(("name", "catno"))


def label_credits(tag: str) -> Reader:
    """Return a reader of ``<label name catno id/>`` children with this tag."""

    def read(parent: Iterable[Element], path: str, odd: Oddities) -> list[LabelCredit]:
        found: list[Any] = []
        for child in parent:
            if child.tag != tag:
                odd[f"{path}/{child.tag}"] += 1
                continue
            label: dict[str, Any] = {}
            for name, value in child.items():
                if name == "id":
                    if number := reference_id(value):
                        label["id"] = number
                elif name not in _LABEL_TEXTS:
                    odd[f"{path}/{tag}/@{name}"] += 1
                elif value:
                    label[name] = value
            if label:
                found.append(label)
        return found

    return read


def _short(value: str | None) -> str:
    if value is None:
        return "(none)"
    return repr(value if len(value) <= 40 else f"{value[:40]}…")
