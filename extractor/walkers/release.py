"""Releases: ``<release id="1">…</release>``, nine tenths of a dump."""

from collections.abc import Iterable
from typing import Any, cast

from common.records import Format, Identifier, Release, Track
from extractor.walkers.fields import (
    Element,
    Fields,
    artist_credits,
    attributes,
    count_inside,
    images,
    items,
    label_credits,
    number_of_reference,
    objects,
    read_fields,
    text,
    texts,
    videos,
)
from extractor.walkers.values import BadRecordError, Oddities, flag, own_id

_FORMAT_TEXTS = frozenset(("name", "qty", "text"))
_FORMAT_FIELDS: Fields = {"descriptions": ("descriptions", texts("description"))}


def _formats(parent: Iterable[Element], path: str, odd: Oddities) -> list[Format]:
    found: list[Any] = []
    inner = f"{path}/format"
    for child in items(parent, "format", path, odd):
        format_ = attributes(child, inner, odd, of_text=_FORMAT_TEXTS)
        format_.update(read_fields(child, _FORMAT_FIELDS, inner, odd))
        if format_:
            found.append(format_)
    return found


_IDENTIFIER_TEXTS = frozenset(("type", "value", "description"))


def _identifiers(parent: Iterable[Element], path: str, odd: Oddities) -> list[Identifier]:
    found: list[Any] = []
    inner = f"{path}/identifier"
    for child in items(parent, "identifier", path, odd):
        count_inside(child, inner, odd)
        if identifier := attributes(child, inner, odd, of_text=_IDENTIFIER_TEXTS):
            found.append(identifier)
    return found


_COMPANY_FIELDS: Fields = {
    "id": ("id", number_of_reference),
    "name": ("name", text),
    "catno": ("catno", text),
    "entity_type": ("entity_type", text),
    "entity_type_name": ("entity_type_name", text),
    "resource_url": ("resource_url", text),
}

_DEEPEST_TRACK = 8
_TRACK_FIELDS: Fields = {
    "position": ("position", text),
    "title": ("title", text),
    "duration": ("duration", text),
    "artists": ("artists", artist_credits),
    "extraartists": ("credits", artist_credits),
}


def _tracks(parent: Iterable[Element], path: str, odd: Oddities, depth: int = 1) -> list[Track]:
    if depth > _DEEPEST_TRACK:
        raise BadRecordError(f"tracks nested more than {_DEEPEST_TRACK} deep")

    def sub_tracks(element: Element, inner: str, odd: Oddities) -> list[Track]:
        return _tracks(element, inner, odd, depth + 1)

    fields: Fields = {**_TRACK_FIELDS, "sub_tracks": ("sub_tracks", sub_tracks)}
    inner = f"{path}/track"
    found = [read_fields(one, fields, inner, odd) for one in items(parent, "track", path, odd)]
    return cast(list[Track], found)


def _master(element: Element, path: str, odd: Oddities) -> dict[str, Any]:
    master: dict[str, Any] = {}
    if number := number_of_reference(element, path, odd):
        master["master_id"] = number
    for name, value in element.items():
        if name != "is_main_release":
            odd[f"{path}/@{name}"] += 1
        elif (main := flag(value, f"{path}/@{name}", odd)) is not None:
            master[name] = main
    return master


_FIELDS: Fields = {
    "artists": ("artists", artist_credits),
    "title": ("title", text),
    "labels": ("labels", label_credits("label")),
    "series": ("series", label_credits("series")),
    "extraartists": ("credits", artist_credits),
    "formats": ("formats", _formats),
    "genres": ("genres", texts("genre")),
    "styles": ("styles", texts("style")),
    "country": ("country", text),
    "released": ("released", text),
    "notes": ("notes", text),
    "data_quality": ("data_quality", text),
    "master_id": ("master", _master),
    "tracklist": ("tracks", _tracks),
    "identifiers": ("identifiers", _identifiers),
    "videos": ("videos", videos),
    "companies": ("companies", objects("company", _COMPANY_FIELDS)),
    "images": ("images", images),
}


def walk_release(element: Element, odd: Oddities) -> tuple[int, Release]:
    """Return a release's id and record."""
    data: dict[str, Any] = {}
    number = None
    for name, value in element.items():
        if name == "id":
            number = value
        elif name != "status":
            odd[f"release/@{name}"] += 1
        elif value:
            data["status"] = value
    data.update(read_fields(element, _FIELDS, "release", odd))
    data.update(data.pop("master", ()))
    return own_id(number), cast(Release, data)
