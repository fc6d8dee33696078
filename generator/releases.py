"""Releases: one edition of a work, with everything its sleeve says."""

from common.entities import Entity
from common.records import Release
from generator import facts
from generator.catalogue import Catalogue, Draft
from generator.credits import contributors
from generator.giant import giant_tracks
from generator.lives import GIANT_RELEASE
from generator.media import images, prose, video
from generator.randomness import Purpose, weighted
from generator.release_edits import edit
from generator.sleeves import companies, dates, formats, identifiers, labels, series
from generator.tracks import positions, tracklist
from generator.works import Work, master_work, work

STATUSES = weighted({"Accepted": 985, "Draft": 5, "Deleted": 5, "Rejected": 5})


def release(catalogue: Catalogue, slot: int, edits: tuple[int, ...]) -> Release:
    """Make the release of a slot with the changes of the given months."""
    draft = catalogue.draft(Purpose.CONTENT, Entity.RELEASE, slot)
    found = catalogue.relations.master(slot)
    if found is not None and found[0] >= catalogue.lives.slots(Entity.MASTER):
        found = None
    shared = work(draft) if found is None else master_work(catalogue, found[0])
    data = _edition(draft, shared)
    _list_tracks(draft, data, shared.various, slot)
    _describe(draft, data, shared)
    _link(catalogue, data, found)
    for month in edits:
        edit(catalogue.draft(Purpose.CONTENT, Entity.RELEASE, slot, month), data)
    if catalogue.plan.old:
        _age(catalogue.draft(Purpose.OLD_SHAPE, Entity.RELEASE, slot), data)
    return data


def _link(catalogue: Catalogue, data: Release, found: tuple[int, bool] | None) -> None:
    """Set the master, or the one it was merged into, whose main release is another.

    Without a master, today's shape still says that this is no main release.
    """
    if found is None:
        if not catalogue.plan.old:
            data["is_main_release"] = False
        return
    master, main = found
    resolved = catalogue.resolve(Entity.MASTER, master)
    moved = resolved is not None and resolved != master
    data["master_id"] = catalogue.id_of(Entity.MASTER, master if resolved is None else resolved)
    data["is_main_release"] = main and not moved


def _edition(draft: Draft, shared: Work) -> Release:
    data: Release = {
        "artists": shared.artists,
        "title": shared.title,
        "labels": labels(draft),
        "formats": formats(draft),
        "genres": shared.genres,
        "data_quality": draft.pick(facts.QUALITIES["release"]),
    }
    if shared.styles:
        data["styles"] = shared.styles
    if draft.chance(0.969):
        data["country"] = draft.pick(facts.COUNTRIES)
    if released := dates(draft, shared.year):
        data["released"] = released
    return data


def _list_tracks(draft: Draft, data: Release, various: bool, slot: int) -> None:
    count = draft.pick(facts.TRACKS)
    if various:
        count += count // 2 + 1
    first = data["formats"][0]
    discs = min(int(first["qty"]), 12) if len(first["qty"]) < 3 else 1
    places = positions(draft, first["name"], discs, count)
    data["tracks"] = tracklist(draft, places, various)
    if slot == GIANT_RELEASE:
        data["tracks"] = giant_tracks(draft)
    if made := contributors(draft, draft.pick(facts.RELEASE_CREDITS), places):
        data["credits"] = made


def _describe(draft: Draft, data: Release, shared: Work) -> None:
    if draft.chance(0.05):
        data["series"] = series(draft)
    if draft.chance(0.626):
        data["notes"] = prose(draft, draft.pick(facts.SENTENCES))
    if found := identifiers(draft):
        data["identifiers"] = found
    if count := draft.pick(facts.VIDEO_COUNTS):
        artist = shared.artists[0].get("name", "")
        data["videos"] = [video(draft, artist) for _ in range(count)]
        if draft.chance(0.002):
            data["videos"].append(data["videos"][0])
    if made := companies(draft):
        data["companies"] = made


def _age(draft: Draft, data: Release) -> None:
    """Give the record what dumps held until 2020, and take what they did not."""
    data["status"] = draft.pick(STATUSES)
    if draft.chance(0.953):
        data["images"] = images(draft)
    data.pop("series", None)
    for company in data.get("companies", []):
        if "id" in company:
            company["resource_url"] = f"https://api.discogs.com/labels/{company['id']}"
