"""The largest release: some 300 kB, 2,500 credits, 300 parts under one track."""

from common.records import Track
from generator.catalogue import Draft
from generator.credits import contributor
from generator.tracks import duration

TRACKS = 570
PARTS = 300
CREDITS = 2480


def giant_tracks(draft: Draft) -> list[Track]:
    """Make the tracks of a box set of some fifty discs."""
    tracks = [_track(draft, f"{place // 12 + 1}-{place % 12 + 1}") for place in range(TRACKS)]
    for number in range(CREDITS):
        tracks[number % TRACKS].setdefault("credits", []).append(contributor(draft))
    tracks[-1]["sub_tracks"] = [_track(draft, f"48-6.{part}") for part in range(1, PARTS + 1)]
    return tracks


def _track(draft: Draft, position: str) -> Track:
    return {
        "position": position,
        "title": draft.track_title(),
        "duration": duration(draft),
    }
