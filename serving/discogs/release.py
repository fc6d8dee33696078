"""``/releases/{id}``."""

from collections.abc import Sequence
from typing import Any

from common.entities import Entity
from common.records import Company, Identifier, LabelCredit, Release
from serving.discogs.addresses import Addresses, page
from serving.discogs.credits import credited, printed, sorted_by
from serving.discogs.dates import formatted, year_or_zero
from serving.discogs.formats import formats_of, quantity_of
from serving.discogs.media import images_of, videos_of
from serving.discogs.tracks import tracklist_of

ACCEPTED = "Accepted"
"""The status of what a dump has; dumps said so themselves until 2025."""


def release_of(id_: int, record: Release, addresses: Addresses) -> dict[str, Any]:
    """Return a release as Discogs has it, in the same order of keys."""
    return {
        "id": id_,
        "status": record.get("status", ACCEPTED),
        "year": year_or_zero(record.get("released")),
        **_where(id_, record, addresses),
        **_who(record, addresses),
        "formats": formats_of(record.get("formats", [])),
        "data_quality": record.get("data_quality", ""),
        "community": _community(record),
        "format_quantity": quantity_of(record.get("formats", [])),
        "date_added": None,
        "date_changed": None,
        **_MARKETPLACE,
        **_master(record, addresses),
        "title": record.get("title", ""),
        **_texts(record),
        **_content(record, addresses),
        "thumb": "",
        "estimated_weight": None,
        "blocked_from_sale": False,
        "is_offensive": False,
    }


_MARKETPLACE = {"num_for_sale": 0, "lowest_price": None}


def _where(id_: int, record: Release, addresses: Addresses) -> dict[str, Any]:
    by = printed(record.get("artists", []))
    return {
        "resource_url": addresses.resource(Entity.RELEASE, id_),
        "uri": page(Entity.RELEASE, id_, by, record.get("title", "")),
    }


def _who(record: Release, addresses: Addresses) -> dict[str, Any]:
    artists = record.get("artists", [])
    return {
        "artists": credited(artists, addresses),
        "artists_sort": sorted_by(artists),
        "labels": _labels(record.get("labels", []), "1", "Label", addresses),
        "series": _labels(record.get("series", []), "2", "Series", addresses),
        "companies": _companies(record.get("companies", []), addresses),
    }


def _labels(
    labels: Sequence[LabelCredit], type_: str, type_name: str, addresses: Addresses
) -> list[dict[str, Any]]:
    """Return labels or series, each with its part in the release, which goes by a number."""
    return [_part(one, type_, type_name, addresses) for one in labels]


def _companies(companies: Sequence[Company], addresses: Addresses) -> list[dict[str, Any]]:
    return [
        _part(one, one.get("entity_type", ""), one.get("entity_type_name", ""), addresses)
        for one in companies
    ]


def _part(
    one: LabelCredit | Company, type_: str, type_name: str, addresses: Addresses
) -> dict[str, Any]:
    id_ = one.get("id", 0)
    return {
        "name": one.get("name", ""),
        "catno": one.get("catno", ""),
        "entity_type": type_,
        "entity_type_name": type_name,
        "id": id_,
        "resource_url": addresses.resource(Entity.LABEL, id_),
    }


def _community(record: Release) -> dict[str, Any]:
    """No dump has any of it: nobody has it, wants it or has entered it."""
    return {
        "have": 0,
        "want": 0,
        "rating": {"count": 0, "average": 0.0},
        "submitter": {"username": "", "resource_url": ""},
        "contributors": [],
        "data_quality": record.get("data_quality", ""),
        "status": record.get("status", ACCEPTED),
    }


def _master(record: Release, addresses: Addresses) -> dict[str, Any]:
    if "master_id" not in record:
        return {}
    id_ = record["master_id"]
    return {"master_id": id_, "master_url": addresses.resource(Entity.MASTER, id_)}


def _texts(record: Release) -> dict[str, Any]:
    texts: dict[str, Any] = {
        "country": record.get("country"),
        "released": record.get("released"),
        "notes": record.get("notes"),
        "released_formatted": formatted(record.get("released", "")),
    }
    return {key: text for key, text in texts.items() if text}


def _content(record: Release, addresses: Addresses) -> dict[str, Any]:
    return {
        "identifiers": [_identifier(one) for one in record.get("identifiers", [])],
        **_unless_empty("videos", videos_of(record.get("videos", []))),
        "genres": record.get("genres", []),
        "styles": record.get("styles", []),
        "tracklist": tracklist_of(record.get("tracks", []), addresses),
        "extraartists": credited(record.get("credits", []), addresses),
        **_unless_empty("images", images_of(record.get("images", []))),
    }


def _identifier(one: Identifier) -> dict[str, Any]:
    said = {"type": one.get("type", ""), "value": one.get("value", "")}
    return {**said, "description": one["description"]} if "description" in one else said


def _unless_empty(key: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: items} if items else {}
