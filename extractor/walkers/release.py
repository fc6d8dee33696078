"""Releases: ``<release id="1">…</release>``, nine tenths of a dump."""

from collections.abc import Iterable
from typing import Any, cast

from common.records import Company, Format, Identifier, Release, Track
from extractor.walkers.fields import (
    BadRecordError,
    Element,
    Fields,
    Oddities,
    artist_credits,
    attributes,
    images,
    label_credits,
    own_id,
    read_fields,
    reference_id,
    text,
    texts,
    videos,
)

_FORMAT_TEXTS = frozenset(("name", "qty", "text"))
_FORMAT_FIELDS: Fields = {"descriptions": ("descriptions", texts("description"))}


def _formats(parent: Iterable[Element], path: str, odd: Oddities) -> list[Format]:
    found: list[Any] = []
    inner = f"{path}/format"
    for child in parent:
        if child.tag != "format":
            odd[f"{path}/{child.tag}"] += 1
            continue
        format_ = attributes(child, inner, odd, of_text=_FORMAT_TEXTS)
        format_.update(read_fields(child, _FORMAT_FIELDS, inner, odd))
        if format_:
            found.append(format_)
    return found


_IDENTIFIER_TEXTS = frozenset(("type", "value", "description"))


def _identifiers(parent: Iterable[Element], path: str, odd: Oddities) -> list[Identifier]:
    found: list[Any] = []
    inner = f"{path}/identifier"
    for child in parent:
        if child.tag != "identifier":
            odd[f"{path}/{child.tag}"] += 1
        elif identifier := attributes(child, inner, odd, of_text=_IDENTIFIER_TEXTS):
            found.append(identifier)
    return found


def _reference_text(element: Element, _path: str, _odd: Oddities) -> int | None:
    return reference_id(element.text)


_COMPANY_FIELDS: Fields = {
    "id": ("id", _reference_text),
    "name": ("name", text),
    "catno": ("catno", text),
    "entity_type": ("entity_type", text),
    "entity_type_name": ("entity_type_name", text),
    "resource_url": ("resource_url", text),
}


def _companies(parent: Iterable[Element], path: str, odd: Oddities) -> list[Company]:
    found: list[Any] = []
    inner = f"{path}/company"
    for child in parent:
        if child.tag != "company":
            odd[f"{path}/{child.tag}"] += 1
        elif company := read_fields(child, _COMPANY_FIELDS, inner, odd):
            found.append(company)
    return found


_TRACK_TEXTS = frozenset(("position", "title", "duration"))
_DEEPEST_TRACK = 8


def _tracks(parent: Iterable[Element], path: str, odd: Oddities, depth: int = 1) -> list[Track]:
    if depth > _DEEPEST_TRACK:
        raise BadRecordError(f"tracks nested more than {_DEEPEST_TRACK} deep")
    found: list[Any] = []
    for child in parent:
        if child.tag != "track":
            odd[f"{path}/{child.tag}"] += 1
            continue
        track: dict[str, Any] = {}
        for field in child:
            tag = field.tag
            if tag in _TRACK_TEXTS:
                if content := field.text:
                    track[tag] = content
            else:
                _track_list(track, field, f"{path}/track/{tag}", odd, depth)
        found.append(track)
    return found


def _track_list(
    track: dict[str, Any], field: Element, path: str, odd: Oddities, depth: int
) -> None:
    tag = field.tag
    values: list[Any] = []
    if tag == "artists":
        values = artist_credits(field, path, odd)
    elif tag == "extraartists":
        tag, values = "credits", artist_credits(field, path, odd)
    elif tag == "sub_tracks":
        values = _tracks(field, path, odd, depth + 1)
    else:
        odd[path] += 1
    if values:
        track[tag] = values


def _master(element: Element, path: str, odd: Oddities) -> dict[str, Any]:
    master: dict[str, Any] = {}
    if number := reference_id(element.text):
        master["master_id"] = number
    for name, value in element.items():
        if name == "is_main_release":
            master.update({name: value == "true"} if value else {})
        else:
            odd[f"{path}/@{name}"] += 1
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
    "companies": ("companies", _companies),
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
