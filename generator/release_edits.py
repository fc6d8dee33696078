"""What a month changes in a release."""

from common.entities import Entity
from common.records import Release
from generator.catalogue import Draft
from generator.credits import contributor
from generator.media import prose, video
from generator.sleeves import dates, label


def edit(draft: Draft, data: Release) -> None:
    """Change one thing: text most often, at times what the record is linked to."""
    drawn = draft.random()
    if drawn < 0.3:
        data["notes"] = data.get("notes", "") + prose(draft, 1)
    elif drawn < 0.45:
        data["credits"] = [*data.get("credits", []), contributor(draft)]
    elif drawn < 0.6:
        data["videos"] = [*data.get("videos", []), video(draft, data["title"])]
    elif drawn < 0.7:
        data["labels"] = [label(draft), *data["labels"][1:]]
    elif drawn < 0.8:
        _move(draft, data)
    elif drawn < 0.9:
        _drop(data)
    else:
        data["released"] = dates(draft, 0) or "1999"


def _move(draft: Draft, data: Release) -> None:
    """Move to another master; a main release stays, or its master would have none."""
    masters = draft.masters
    if data.get("is_main_release") or not masters:
        data["title"] = draft.title()
        return
    catalogue = draft.catalogue
    slot = draft.below(masters)
    found = catalogue.resolve(Entity.MASTER, slot)
    data["master_id"] = catalogue.id_of(Entity.MASTER, slot if found is None else found)
    data["is_main_release"] = False


def _drop(data: Release) -> None:
    """Lose what somebody thought wrong: children disappear as well as change."""
    if "identifiers" in data:
        del data["identifiers"]
    elif "companies" in data:
        del data["companies"]
    elif "credits" in data:
        del data["credits"]
    else:
        data["data_quality"] = "Entirely Incorrect"
