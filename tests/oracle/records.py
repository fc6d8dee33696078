"""A record as JSON has to have it: read by the standard library out of the dump's element.

What says nothing is left out, but for the tracks: a track without a word keeps its place.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from common.entities import Entity
from tests.oracle.rows import images
from tests.oracle.values import (
    Fields,
    attribute,
    credits_of,
    kept,
    labels_of,
    names,
    number,
    reference,
    text,
    texts,
    truth,
)


def record_of(entity: Entity, element: Element, record_id: int) -> Fields:
    """Return what ``/v1`` has to answer for an element of a dump."""
    return _said({"id": record_id, **_READERS[entity](element)})


def _artist(artist: Element) -> Fields:
    return {
        "name": text(artist, "name"),
        "real_name": text(artist, "realname"),
        "profile": text(artist, "profile"),
        "data_quality": text(artist, "data_quality"),
        "urls": texts(artist, "urls/url"),
        "name_variations": texts(artist, "namevariations/name"),
        "aliases": _all(names(artist, "aliases/name")),
        "groups": _all(names(artist, "groups/name")),
        "members": _all(names(artist, "members/name")),
        "images": _all(images(artist)),
    }


def _label(label: Element) -> Fields:
    parent = label.find("parentLabel")
    of = None if parent is None else {"id": reference(parent.get("id")), "name": parent.text}
    return {
        "name": text(label, "name"),
        "contact_info": text(label, "contactinfo"),
        "profile": text(label, "profile"),
        "data_quality": text(label, "data_quality"),
        "parent": _said(of or {}),
        "urls": texts(label, "urls/url"),
        "sublabels": _all(names(label, "sublabels/label")),
        "images": _all(images(label)),
    }


def _master(master: Element) -> Fields:
    return {
        **_shared(master),
        "main_release": reference(text(master, "main_release")),
        "year": number(text(master, "year")) or None,
    }


def _release(release: Element) -> Fields:
    master = release.find("master_id")
    said = None if master is None else master.get("is_main_release")
    return {
        **_shared(release),
        "status": attribute(release, "status"),
        "labels": _all(labels_of(release, "labels/label")),
        "series": _all(labels_of(release, "series/series")),
        "credits": _all(credits_of(release, "extraartists")),
        "formats": _all(_formats(release)),
        "country": text(release, "country"),
        "released": text(release, "released"),
        "master_id": reference(text(release, "master_id")),
        "is_main_release": truth(said),
        "tracks": _tracks(release, "tracklist/track"),
        "identifiers": _all(_attributes(release, "identifiers/identifier", _IDENTIFIER)),
        "companies": _all(_companies(release)),
    }


def _shared(element: Element) -> Fields:
    return {
        "artists": _all(credits_of(element, "artists")),
        "title": text(element, "title"),
        "genres": texts(element, "genres/genre"),
        "styles": texts(element, "styles/style"),
        "notes": text(element, "notes"),
        "data_quality": text(element, "data_quality"),
        "videos": _all(_videos(element)),
        "images": _all(images(element)),
    }


def _tracks(parent: Element, path: str) -> list[Fields]:
    return [
        _said(
            {
                **{name: text(track, name) for name in ("position", "title", "duration")},
                "artists": _all(credits_of(track, "artists")),
                "credits": _all(credits_of(track, "extraartists")),
                "sub_tracks": _tracks(track, "sub_tracks/track"),
            }
        )
        for track in parent.iterfind(path)
    ]


_IDENTIFIER = ("type", "value", "description")


def _formats(release: Element) -> list[Fields]:
    return kept(
        {
            **{name: attribute(form, name) for name in ("name", "qty", "text")},
            "descriptions": texts(form, "descriptions/description") or None,
        }
        for form in release.iterfind("formats/format")
    )


def _companies(release: Element) -> list[Fields]:
    tags = ("name", "catno", "entity_type", "entity_type_name", "resource_url")
    return kept(
        {"id": reference(text(company, "id"))} | {name: text(company, name) for name in tags}
        for company in release.iterfind("companies/company")
    )


def _videos(element: Element) -> list[Fields]:
    return kept(
        {
            "src": attribute(video, "src"),
            "duration": number(video.get("duration")),
            "embed": truth(video.get("embed")),
            "title": text(video, "title"),
            "description": text(video, "description"),
        }
        for video in element.iterfind("videos/video")
    )


def _attributes(parent: Element, path: str, names_: Iterable[str]) -> list[Fields]:
    return kept(
        {name: attribute(found, name) for name in names_} for found in parent.iterfind(path)
    )


def _all(items: Iterable[Fields]) -> list[Fields]:
    return [_said(item) for item in items]


def _said(fields: Fields) -> Fields:
    nothing: tuple[Any, ...] = (None, [], {})
    return {name: value for name, value in fields.items() if value not in nothing}


_READERS: Mapping[Entity, Callable[[Element], Fields]] = {
    Entity.ARTIST: _artist,
    Entity.LABEL: _label,
    Entity.MASTER: _master,
    Entity.RELEASE: _release,
}
