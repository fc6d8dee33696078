"""What Discogs' API has to answer, worked out of the dumps as the oracle reads them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from common.entities import Entity
from tests.oracle import Held, Truth
from tests.oracle.records import record_of

Records = Mapping[Entity, Mapping[int, dict[str, Any]]]

PARTS = ("Main", "Remix", "Producer", "Appearance", "TrackAppearance", "UnofficialRelease")


def records_of(truth: Truth) -> Records:
    """Return the data of all records that are held, by entity and id."""
    return {
        entity: {id_: _data(entity, one, id_) for id_, one in held.items()}
        for entity, held in truth.records.items()
    }


def _data(entity: Entity, held: Held, id_: int) -> dict[str, Any]:
    return {k: v for k, v in record_of(entity, held.element, id_).items() if k != "id"}


def year(release: Mapping[str, Any]) -> int | None:
    """Return the year of a release's date."""
    digits = release.get("released", "")[:4]
    return int(digits) if digits.isdigit() and digits[0] in "12" and len(digits) == 4 else None


def all_tracks(release: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the tracks of a release, each before its sub-tracks."""
    for track in release.get("tracks", []):
        yield track
        yield from track.get("sub_tracks", [])


def discography(records: Records, artist: int) -> set[tuple[str, int, str]]:
    """Return type, id and role of everything that an artist's list has to have."""
    found = {
        (*_listed(records, id_), role)
        for id_, release in records[Entity.RELEASE].items()
        for role in _roles(release, artist)
    }
    own = {one[:2] for one in found if one[2] in ("Main", "UnofficialRelease")}
    official = {one[:2] for one in found if one[2] == "Main"}
    return {
        one
        for one in found
        if one[:2] not in own or one[2] == ("Main" if one[:2] in official else "UnofficialRelease")
    }


def of_label(records: Records, label: int) -> dict[int, str]:
    """Return the releases that a label's list has to have, with their numbers there."""
    return {
        id_: ", ".join(dict.fromkeys(one["catno"] for one in parts if "catno" in one))
        for id_, release in records[Entity.RELEASE].items()
        if (parts := [one for one in _labels(release) if one.get("id") == label])
    }


def names(credits_: Iterable[Mapping[str, Any]]) -> str:
    """Return all names of artists, as such and as printed."""
    return " ".join(f"{one.get('name', '')} {one.get('anv', '')}" for one in credits_)


def credits_of(release: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return everybody with a role on a release or on one of its tracks."""
    yield from release.get("credits", [])
    for track in all_tracks(release):
        yield from track.get("credits", [])


def _labels(release: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for key in ("labels", "series", "companies") for one in release.get(key, [])]


def _listed(records: Records, release: int) -> tuple[str, int]:
    master = records[Entity.RELEASE][release].get("master_id")
    if master is not None and master in records[Entity.MASTER]:
        return "master", master
    return "release", release


def _roles(release: Mapping[str, Any], artist: int) -> Iterator[str]:
    if any(one.get("id") == artist for one in release.get("artists", [])):
        words = [word for one in release.get("formats", []) for word in one.get("descriptions", [])]
        yield "UnofficialRelease" if "Unofficial Release" in words else "Main"
    for credit in credits_of(release):
        if credit.get("id") == artist:
            role = credit.get("role", "").lower()
            yield "Remix" if "remix" in role else "Producer" if "producer" in role else "Appearance"
    if any(
        one.get("id") == artist for track in all_tracks(release) for one in track.get("artists", [])
    ):
        yield "TrackAppearance"
