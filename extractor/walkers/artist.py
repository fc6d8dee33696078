"""Artists: ``<artist><id>1</id><name>…</name>…</artist>``."""

from typing import cast

from common.records import Artist
from extractor.walkers.fields import (
    Element,
    Fields,
    images,
    read_fields,
    references,
    text,
    texts,
)
from extractor.walkers.values import BadRecordError, Oddities, own_id

_FIELDS: Fields = {
    "id": ("id", text),
    "name": ("name", text),
    "realname": ("real_name", text),
    "profile": ("profile", text),
    "data_quality": ("data_quality", text),
    "urls": ("urls", texts("url")),
    "namevariations": ("name_variations", texts("name")),
    "aliases": ("aliases", references("name")),
    "groups": ("groups", references("name")),
    "members": ("members", references("name")),
    "images": ("images", images),
}


def walk_artist(element: Element, odd: Oddities) -> tuple[int, Artist]:
    """Return an artist's id and record."""
    data = read_fields(element, _FIELDS, "artist", odd)
    if "id" not in data:
        raise BadRecordError("an artist without an id")
    return own_id(data.pop("id")), cast(Artist, data)
