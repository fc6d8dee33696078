"""``/masters/{id}``."""

from collections.abc import Sequence
from typing import Any

from common.entities import Entity
from common.records import Credit, Master, Track
from serving.discogs.addresses import Addresses, page
from serving.discogs.credits import credited, printed
from serving.discogs.media import images_of, videos_of
from serving.discogs.tracks import tracklist_of


def master_of(
    id_: int,
    record: Master,
    tracks: Sequence[Track],
    most_recent: int | None,
    addresses: Addresses,
) -> dict[str, Any]:
    """Return a master as Discogs has it, in the same order of keys.

    ``tracks`` are those of its main release, ``most_recent`` is the release of it with the latest
    date: a dump's master has neither.
    """
    artists = _artists(record.get("artists", []))
    title = record.get("title", "")
    return {
        "id": id_,
        **_releases(record, most_recent, addresses),
        "resource_url": addresses.resource(Entity.MASTER, id_),
        "uri": page(Entity.MASTER, id_, printed(artists), title),
        "versions_url": addresses.resource(Entity.MASTER, id_, "/versions"),
        "num_for_sale": 0,
        "lowest_price": None,
        "images": images_of(record.get("images", [])),
        "genres": record.get("genres", []),
        "styles": record.get("styles", []),
        "year": record.get("year", 0),
        "tracklist": tracklist_of(tracks, addresses),
        "artists": credited(artists, addresses),
        "title": title,
        **({"notes": record["notes"]} if "notes" in record else {}),
        "data_quality": record.get("data_quality", ""),
        "videos": videos_of(record.get("videos", [])),
    }


def _releases(record: Master, most_recent: int | None, addresses: Addresses) -> dict[str, Any]:
    main = record.get("main_release")
    latest = most_recent or main
    found = {"main_release": main, "most_recent_release": latest}
    ids = {key: id_ for key, id_ in found.items() if id_}
    urls = {f"{key}_url": addresses.resource(Entity.RELEASE, id_) for key, id_ in ids.items()}
    return {**ids, **urls}


def _artists(artists: Sequence[Credit]) -> list[Credit]:
    """Return a master's artists; dumps have a comma behind the last of most of them."""
    if not artists or artists[-1].get("join") != ",":
        return list(artists)
    *others, last = artists
    return [*others, {**last, "join": ""}]
