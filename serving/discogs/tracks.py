"""Track lists: tracks, headings, and indexes with their sub-tracks."""

from collections.abc import Iterable, Sequence
from typing import Any

from common.records import Track
from serving.discogs.addresses import Addresses
from serving.discogs.credits import credited


def tracklist_of(tracks: Sequence[Track], addresses: Addresses) -> list[dict[str, Any]]:
    """Return a track list; ``type_`` is ``track``, ``heading`` or ``index``.

    No dump says which: an index has sub-tracks, a heading neither position nor duration.  A list
    in which nothing has either is one of tracks: nobody enters headings alone.
    """
    headed = any(map(_is_heard, tracks))
    return [_shaped(track, addresses, _type(track, headed)) for track in tracks]


def _is_heard(track: Track) -> bool:
    return bool({"position", "duration", "sub_tracks"} & track.keys())


def _type(track: Track, headed: bool) -> str:
    if "sub_tracks" in track:
        return "index"
    return "heading" if headed and not _is_heard(track) else "track"


def _shaped(track: Track, addresses: Addresses, type_: str) -> dict[str, Any]:
    return {
        "position": track.get("position", ""),
        "type_": type_,
        **_people(track, addresses),
        "title": track.get("title", ""),
        "duration": track.get("duration", ""),
        **_sub_tracks(track.get("sub_tracks", []), addresses),
    }


def _people(track: Track, addresses: Addresses) -> dict[str, Any]:
    """Return the lists that are there: clients take a track's artists for those of the release."""
    people: dict[str, Any] = {}
    if "artists" in track:
        people["artists"] = credited(track["artists"], addresses)
    if "credits" in track:
        people["extraartists"] = credited(track["credits"], addresses)
    return people


def _sub_tracks(tracks: Iterable[Track], addresses: Addresses) -> dict[str, Any]:
    shaped = [_shaped(track, addresses, "track") for track in tracks]
    return {"sub_tracks": shaped} if shaped else {}
