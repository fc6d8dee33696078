"""``/artists/{id}``."""

from collections.abc import Sequence
from typing import Any

from common.entities import Entity
from common.records import Artist, Reference
from serving.discogs.addresses import Addresses, page
from serving.discogs.media import images_of


def artist_of(id_: int, record: Artist, addresses: Addresses) -> dict[str, Any]:
    """Return an artist as Discogs has it; a list that would be empty is left out, as there."""
    name = record.get("name", "")
    return {
        "name": name,
        "id": id_,
        "resource_url": addresses.resource(Entity.ARTIST, id_),
        "uri": page(Entity.ARTIST, id_, name),
        "releases_url": addresses.resource(Entity.ARTIST, id_, "/releases"),
        **({"realname": record["real_name"]} if "real_name" in record else {}),
        "profile": record.get("profile", ""),
        **_lists(record, addresses),
        "data_quality": record.get("data_quality", ""),
    }


def _lists(record: Artist, addresses: Addresses) -> dict[str, Any]:
    lists = {
        "images": images_of(record.get("images", [])),
        "urls": record.get("urls", []),
        "namevariations": record.get("name_variations", []),
        "aliases": _named(record.get("aliases", []), addresses),
        "groups": _active(record.get("groups", []), addresses),
        "members": _active(record.get("members", []), addresses),
    }
    return {key: found for key, found in lists.items() if found}


def _named(references: Sequence[Reference], addresses: Addresses) -> list[dict[str, Any]]:
    return [_reference(one, addresses) for one in references]


def _active(references: Sequence[Reference], addresses: Addresses) -> list[dict[str, Any]]:
    """Return members or groups; no dump says who has left."""
    return [_reference(one, addresses) | {"active": True} for one in references]


def _reference(one: Reference, addresses: Addresses) -> dict[str, Any]:
    id_ = one.get("id", 0)
    return {
        "id": id_,
        "name": one.get("name", ""),
        "resource_url": addresses.resource(Entity.ARTIST, id_),
    }
