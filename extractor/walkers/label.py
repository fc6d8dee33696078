"""Labels: ``<label><id>1</id><name>…</name>…</label>``."""

from typing import cast

from common.records import Label
from extractor.walkers.fields import (
    Element,
    Fields,
    images,
    read_fields,
    reference,
    references,
    text,
    texts,
)
from extractor.walkers.values import BadRecordError, Oddities, own_id

_FIELDS: Fields = {
    "id": ("id", text),
    "name": ("name", text),
    "contactinfo": ("contact_info", text),
    "profile": ("profile", text),
    "data_quality": ("data_quality", text),
    "parentLabel": ("parent", reference),
    "urls": ("urls", texts("url")),
    "sublabels": ("sublabels", references("label")),
    "images": ("images", images),
}


def walk_label(element: Element, odd: Oddities) -> tuple[int, Label]:
    """Return a label's id and record."""
    data = read_fields(element, _FIELDS, "label", odd)
    if "id" not in data:
        raise BadRecordError("a label without an id")
    return own_id(data.pop("id")), cast(Label, data)
