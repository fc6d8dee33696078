"""Masters: ``<master id="18500">…</master>``, what several releases have in common."""

from typing import cast

from common.records import Master
from extractor.walkers.fields import (
    Element,
    Fields,
    Oddities,
    artist_credits,
    images,
    measure,
    own_id,
    read_fields,
    reference_id,
    text,
    texts,
    videos,
)


def _main_release(element: Element, _path: str, _odd: Oddities) -> int | None:
    return reference_id(element.text)


def _year(element: Element, path: str, odd: Oddities) -> int | None:
    return measure(element.text, path, odd)


_FIELDS: Fields = {
    "main_release": ("main_release", _main_release),
    "artists": ("artists", artist_credits),
    "genres": ("genres", texts("genre")),
    "styles": ("styles", texts("style")),
    "year": ("year", _year),
    "title": ("title", text),
    "data_quality": ("data_quality", text),
    "notes": ("notes", text),
    "videos": ("videos", videos),
    "images": ("images", images),
}


def walk_master(element: Element, odd: Oddities) -> tuple[int, Master]:
    """Return a master's id and record."""
    number = None
    for name, value in element.items():
        if name == "id":
            number = value
        else:
            odd[f"master/@{name}"] += 1
    return own_id(number), cast(Master, read_fields(element, _FIELDS, "master", odd))
