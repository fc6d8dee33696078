"""Tracklists: positions by the kind of carrier, headings, index tracks, credits per track."""

from common.records import Credit, Track
from generator import facts
from generator.catalogue import Draft
from generator.credits import contributor, performers

SIDED = frozenset({"Vinyl", "Cassette", "Shellac", "8-Track Cartridge", "Acetate", "Reel-To-Reel"})


def positions(draft: Draft, carrier: str, discs: int, count: int) -> list[str]:
    """Number the tracks as the carrier does: ``A1``, ``7``, ``2-13``, now and then oddly."""
    if draft.chance(0.02):
        return _odd_positions(draft, count)
    if carrier in SIDED:
        return _sides(draft, min(2 * discs, 26), count)
    if discs == 1:
        return [str(number) for number in range(1, count + 1)]
    size = -(-count // discs)
    return [f"{place // size + 1}-{place % size + 1}" for place in range(count)]


def _sides(draft: Draft, sides: int, count: int) -> list[str]:
    if count <= sides and draft.chance(0.5):
        return [chr(65 + place) for place in range(count)]
    size = -(-count // sides)
    return [f"{chr(65 + place // size)}{place % size + 1}" for place in range(count)]


def _odd_positions(draft: Draft, count: int) -> list[str]:
    pattern = draft.pick(
        ("CD1-{}", "DVD-{}", "{}.1", "A.{}", "{}.a", "AA{}", "A{} (A)", "Video {}")
    )
    return [pattern.format(number) for number in range(1, count + 1)]


def duration(draft: Draft) -> str:
    """Tell a length, most of them below ten minutes."""
    drawn = draft.random()
    minutes = 2 + draft.below(5) if drawn < 0.93 else draft.below(70)
    if drawn > 0.999:
        return f"1:{minutes % 60:02d}:{draft.below(60):02d}"
    return f"{minutes}:{draft.below(60):02d}"


def tracklist(draft: Draft, places: list[str], various: bool) -> list[Track]:
    """Make the tracks of a release, one for each position."""
    timed = draft.chance(0.53)
    tracks = [_track(draft, place, timed) for place in places]
    if draft.chance(0.9 if various else 0.015):
        for track in tracks:
            track["artists"] = performers(draft, draft.pick(facts.TRACK_ARTISTS))
    if draft.chance(0.349):
        _credit(draft, tracks, draft.pick(facts.TRACK_CREDITS))
    if draft.chance(0.021):
        _index(draft, tracks)
    if draft.chance(0.075):
        _head(draft, tracks)
    return tracks


def _track(draft: Draft, place: str, timed: bool) -> Track:
    track: Track = {"position": place}
    drawn = draft.random()
    if drawn > 0.002:
        track["title"] = draft.track_title()
    if timed and drawn < 0.98:
        track["duration"] = duration(draft)
    return track


def _credit(draft: Draft, tracks: list[Track], count: int) -> None:
    """Deal the contributors out over the tracks; the first of them often returns."""
    usual = contributor(draft)
    for place, track in enumerate(tracks):
        share = (place + 1) * count // len(tracks) - place * count // len(tracks)
        dealt: list[Credit] = [
            contributor(draft) if draft.chance(0.6) else usual.copy() for _ in range(share)
        ]
        if dealt:
            track["credits"] = dealt


def _index(draft: Draft, tracks: list[Track]) -> None:
    """Turn a track into the heading of its parts, which are numbered below it."""
    count = draft.pick(facts.SUB_TRACKS)
    track = draft.pick(tracks)
    place = track.pop("position", "1")
    timed = draft.chance(0.4)
    parts = [_track(draft, f"{place}.{number}", timed) for number in range(1, count + 1)]
    if draft.chance(0.1):
        parts[0]["artists"] = performers(draft, 1)
        parts[-1]["credits"] = [contributor(draft)]
    track["sub_tracks"] = parts


def _head(draft: Draft, tracks: list[Track]) -> None:
    """Put headings between the tracks: neither position nor duration."""
    for _ in range(1 + draft.below(5)):
        tracks.insert(draft.below(len(tracks)), {"title": draft.title()})
