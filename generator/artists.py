"""Artists: most are a name and little else; one has 1,700 name variations."""

from common.entities import Entity
from common.records import Artist
from generator import facts
from generator.catalogue import Catalogue, Draft
from generator.credits import variation
from generator.lives import GIANT_ARTIST
from generator.media import images, prose, urls
from generator.randomness import Purpose

GIANT_VARIATIONS = 1700


def artist(catalogue: Catalogue, slot: int, edits: tuple[int, ...]) -> Artist:
    """Make the artist of a slot with the changes of the given months."""
    draft = catalogue.draft(Purpose.CONTENT, Entity.ARTIST, slot)
    name = catalogue.artist_name(slot)
    data: Artist = {"data_quality": draft.pick(facts.QUALITIES["artist"])}
    if name:
        data["name"] = name
    _describe(draft, data, name)
    _vary(draft, data, name, slot)
    _relate(catalogue, data, slot)
    for month in edits:
        _edit(catalogue.draft(Purpose.CONTENT, Entity.ARTIST, slot, month), data)
    if catalogue.plan.old:
        old = catalogue.draft(Purpose.OLD_SHAPE, Entity.ARTIST, slot)
        if old.chance(0.166):
            data["images"] = images(old)
    return data


def _describe(draft: Draft, data: Artist, name: str) -> None:
    if draft.chance(0.099):
        data["real_name"] = draft.words.artist_name(draft.below(560 << 32) | 1)
    if draft.chance(0.185):
        data["profile"] = prose(draft, draft.pick(facts.LONG_SENTENCES))
    if draft.chance(0.12):
        data["urls"] = urls(draft, name)


def _vary(draft: Draft, data: Artist, name: str, slot: int) -> None:
    count = draft.pick(facts.VARIATIONS) if draft.chance(0.233) else 0
    if slot == GIANT_ARTIST:
        data["name_variations"] = [f"{name} {number}" for number in range(GIANT_VARIATIONS)]
    elif count:
        base = name.strip() or "Untitled"
        data["name_variations"] = [variation(draft, base)] + [
            f"{draft.pick(draft.words.words).title()} {base.split()[-1]}" for _ in range(count - 1)
        ]


def _relate(catalogue: Catalogue, data: Artist, slot: int) -> None:
    relations = catalogue.relations
    if aliases := catalogue.references(Entity.ARTIST, relations.aliases(slot)):
        data["aliases"] = aliases
    if groups := catalogue.references(Entity.ARTIST, relations.groups(slot)):
        data["groups"] = groups
    if members := catalogue.references(Entity.ARTIST, relations.members(slot)):
        data["members"] = members


def _edit(draft: Draft, data: Artist) -> None:
    """Change one thing, as a month of a real dump does."""
    drawn = draft.random()
    if drawn < 0.4:
        data["profile"] = data.get("profile", "") + prose(draft, 1)
    elif drawn < 0.7:
        data["urls"] = [*data.get("urls", []), *urls(draft, "new")]
    elif drawn < 0.9 or "name_variations" not in data:
        data["name_variations"] = [*data.get("name_variations", []), draft.title()]
    else:
        del data["name_variations"]
