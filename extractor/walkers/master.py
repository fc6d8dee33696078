"""Masters: ``<master id="18500">…</master>``, what several releases have in common."""

from typing import cast

from common.records import Master
from extractor.walkers.fields import (
    Element,
    Fields,
    artist_credits,
    images,
    number_of_reference,
    read_fields,
    text,
    texts,
    videos,
)
from extractor.walkers.values import Oddities, measure, own_id


def _year(element: Element, path: str, odd: Oddities) -> int | None:
    return measure(text(element, path, odd), path, odd)


_FIELDS: Fields = {
    "main_release": ("main_release", number_of_reference),
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
