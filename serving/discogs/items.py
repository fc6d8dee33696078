"""What stands in lists: an artist's releases and masters, a label's releases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from common.entities import Entity
from common.records import Credit, Format, LabelCredit
from serving.discogs.addresses import Addresses
from serving.discogs.credits import printed
from serving.discogs.formats import short_line
from serving.discogs.release import ACCEPTED

Row = Mapping[str, Any]
Shape = Callable[[Row, "Details", Addresses], dict[str, Any]]
Key = tuple[bool, int]
"""Whether it is a master, and its id."""

ROLES = ("Main", "Remix", "Producer", "Appearance", "TrackAppearance", "UnofficialRelease")
"""By the number of a part in ``discography``."""

NOBODYS = {"in_wantlist": 0, "in_collection": 0}
STATS = {"community": NOBODYS, "user": NOBODYS}
"""No dump says who has or wants anything."""


@dataclass(frozen=True, slots=True)
class Details:
    """What a list says of a release or master beside its title; a master has no labels."""

    main_release: int | None
    artists: Sequence[Credit]
    labels: Sequence[LabelCredit]
    formats: Sequence[Format]
    tracks: Sequence[str]


def details_of(rows: Iterable[Row]) -> dict[Key, Details]:
    """Return the details that the database gives, by what they are of."""
    return {(row["is_master"], row["id"]): _details(row) for row in rows}


def items_of(
    rows: Iterable[Row], details: Mapping[Key, Details], addresses: Addresses, shape: Shape
) -> list[dict[str, Any]]:
    """Return the items of a page, in order."""
    return [shape(row, details[row["is_master"], row["id"]], addresses) for row in rows]


def discography_item(row: Row, details: Details, addresses: Addresses) -> dict[str, Any]:
    """Return a release or master in an artist's list."""
    shaped = _master_item if row["is_master"] else _release_item
    role = {"role": ROLES[row["part"]]}
    return shaped(row, details, addresses) | role | _always(row, details)


def label_item(row: Row, details: Details, addresses: Addresses) -> dict[str, Any]:
    """Return a release in a label's list."""
    return {
        "id": row["id"],
        "status": ACCEPTED,
        "format": short_line(details.formats),
        "catno": row["catno"] or "",
        "resource_url": addresses.resource(Entity.RELEASE, row["id"]),
    } | _always(row, details)


def _details(row: Row) -> Details:
    return Details(
        row["main_release"],
        orjson.loads(row["artists"]),
        orjson.loads(row["labels"]),
        orjson.loads(row["formats"]),
        row["tracks"],
    )


def _release_item(row: Row, details: Details, addresses: Addresses) -> dict[str, Any]:
    of_tracks = ROLES[row["part"]] in ("Remix", "TrackAppearance")
    return {
        "id": row["id"],
        "type": "release",
        "status": ACCEPTED,
        "format": short_line(details.formats),
        "label": ", ".join(one.get("name", "") for one in details.labels),
        **({"trackinfo": ", ".join(details.tracks)} if of_tracks else {}),
        "resource_url": addresses.resource(Entity.RELEASE, row["id"]),
    }


def _master_item(row: Row, details: Details, addresses: Addresses) -> dict[str, Any]:
    main = {"main_release": details.main_release} if details.main_release else {}
    url = {"resource_url": addresses.resource(Entity.MASTER, row["id"])}
    return {"id": row["id"], "type": "master", **main, **url}


def _always(row: Row, details: Details) -> dict[str, Any]:
    """Return what every item has; a year that nobody knows is left out, as at Discogs."""
    return {
        "title": row["title"] or "",
        "artist": printed(details.artists),
        **({"year": row["year"]} if row["year"] else {}),
        "thumb": "",
        "stats": STATS,
    }
