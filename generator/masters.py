"""Masters: what their main release is an edition of."""

from common.entities import Entity
from common.records import Master
from generator import facts
from generator.catalogue import Catalogue, Draft
from generator.media import images, prose, video
from generator.randomness import Purpose
from generator.works import Work, master_work


def master(catalogue: Catalogue, slot: int, edits: tuple[int, ...]) -> Master:
    """Make the master of a slot with the changes of the given months."""
    work = master_work(catalogue, slot)
    draft = catalogue.draft(Purpose.CONTENT, Entity.MASTER, slot)
    data: Master = {
        "main_release": catalogue.id_of(Entity.RELEASE, catalogue.relations.main_release(slot)),
        "artists": work.artists,
        "genres": work.genres,
        "title": work.title,
        "data_quality": draft.pick(facts.QUALITIES["master"]),
    }
    if work.styles:
        data["styles"] = work.styles
    if work.year:
        data["year"] = work.year
    _describe(draft, data, work)
    for month in edits:
        _edit(catalogue.draft(Purpose.CONTENT, Entity.MASTER, slot, month), data)
    if catalogue.plan.old:
        old = catalogue.draft(Purpose.OLD_SHAPE, Entity.MASTER, slot)
        if old.chance(0.984):
            data["images"] = images(old)
    elif draft.chance(0.64):
        # The dumps of 2026 join most artists of a master to nobody.
        data["artists"][-1]["join"] = ","
    return data


def _describe(draft: Draft, data: Master, work: Work) -> None:
    if draft.chance(0.035):
        data["notes"] = prose(draft, draft.pick(facts.SENTENCES))
    if count := draft.pick(facts.MASTER_VIDEOS):
        artist = work.artists[0].get("name", "")
        data["videos"] = [video(draft, artist) for _ in range(count)]


def _edit(draft: Draft, data: Master) -> None:
    """Change one thing, as a month of a real dump does."""
    drawn = draft.random()
    if drawn < 0.5:
        data["videos"] = [*data.get("videos", []), video(draft, data["title"])]
    elif drawn < 0.7:
        data["notes"] = data.get("notes", "") + prose(draft, 1)
    elif drawn < 0.8 or len(data.get("styles", [])) < 2:
        data["year"] = 2026 - draft.below(60)
    else:
        data["styles"] = data["styles"][:-1]
