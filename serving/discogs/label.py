"""``/labels/{id}``."""

from typing import Any

from common.entities import Entity
from common.records import Label, Reference
from serving.discogs.addresses import Addresses, page
from serving.discogs.media import images_of


def label_of(id_: int, record: Label, addresses: Addresses) -> dict[str, Any]:
    """Return a label as Discogs has it; what is empty is left out, as there, but for its name."""
    name = record.get("name", "")
    return {
        "id": id_,
        "name": name,
        "resource_url": addresses.resource(Entity.LABEL, id_),
        "uri": page(Entity.LABEL, id_, name),
        "releases_url": addresses.resource(Entity.LABEL, id_, "/releases"),
        **_what_is_there(record, addresses),
        "data_quality": record.get("data_quality", ""),
    }


def _what_is_there(record: Label, addresses: Addresses) -> dict[str, Any]:
    parent = record.get("parent")
    found: dict[str, Any] = {
        "images": images_of(record.get("images", [])),
        "contact_info": record.get("contact_info"),
        "profile": record.get("profile"),
        "parent_label": _reference(parent, addresses) if parent else None,
        "urls": record.get("urls"),
        "sublabels": [_reference(one, addresses) for one in record.get("sublabels", [])],
    }
    return {key: value for key, value in found.items() if value}


def _reference(one: Reference, addresses: Addresses) -> dict[str, Any]:
    id_ = one.get("id", 0)
    return {
        "id": id_,
        "name": one.get("name", ""),
        "resource_url": addresses.resource(Entity.LABEL, id_),
    }
