"""Rows of tracks: the tree of tracks and sub-tracks laid flat, in the order of the dump."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from common.records import Track
from common.records.derive import seconds_of
from loaders.postgres.shapes import track_credit_rows
from loaders.postgres.tables import Row

Flat: TypeAlias = tuple[int, int, int | None, Track]
"""Release id, the track's sequence, its parent's sequence, the track."""


def flatten(items: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Flat]:
    """Number the tracks of each release, sub-tracks included, from 1."""
    flat: list[Flat] = []
    for release, data in items:
        tracks = data.get("tracks", ())
        if any("sub_tracks" in track for track in tracks):
            flat += _nested(release, tracks, None, [])
        else:
            flat += [(release, n, None, track) for n, track in enumerate(tracks, 1)]
    return flat


def track_rows(flat: Sequence[Flat]) -> list[Row]:
    """Rows of the table release_track."""
    # A batch has far fewer different durations than tracks.
    texts = {text for *_, track in flat if (text := track.get("duration"))}
    seconds: dict[object, int | None] = {text: seconds_of(text) for text in texts}
    return [
        (
            release,
            n,
            parent,
            (get := track.get)("position"),
            get("title"),
            (duration := get("duration")),
            seconds.get(duration),
        )
        for release, n, parent, track in flat
    ]


def track_artist_rows(flat: Sequence[Flat]) -> list[Row]:
    """Rows of the table release_track_artist."""
    return track_credit_rows(
        (release, n, track["artists"]) for release, n, _, track in flat if "artists" in track
    )


def track_extra_rows(flat: Sequence[Flat]) -> list[Row]:
    """Rows of the table release_track_credit."""
    return track_credit_rows(
        (release, n, track["credits"]) for release, n, _, track in flat if "credits" in track
    )


def _nested(
    release: int, tracks: Sequence[Track], parent: int | None, flat: list[Flat]
) -> list[Flat]:
    for track in tracks:
        n = len(flat) + 1
        flat.append((release, n, parent, track))
        _nested(release, track.get("sub_tracks", ()), n, flat)
    return flat
