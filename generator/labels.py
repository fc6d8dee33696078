"""Labels: a tree of two levels, addresses on several lines, one label without a name."""

from common.entities import Entity
from common.records import Label
from generator import facts
from generator.catalogue import Catalogue, Draft
from generator.media import images, prose, urls
from generator.randomness import Purpose, mix


def label(catalogue: Catalogue, slot: int, edits: tuple[int, ...]) -> Label:
    """Make the label of a slot with the changes of the given months."""
    draft = catalogue.draft(Purpose.CONTENT, Entity.LABEL, slot)
    name = catalogue.label_name(slot)
    data: Label = {"data_quality": draft.pick(facts.QUALITIES["label"])}
    if name:
        data["name"] = name
    _describe(draft, data, name)
    _relate(catalogue, data, slot)
    for month in edits:
        _edit(catalogue.draft(Purpose.CONTENT, Entity.LABEL, slot, month), data)
    if catalogue.plan.old:
        old = catalogue.draft(Purpose.OLD_SHAPE, Entity.LABEL, slot)
        if old.chance(0.208):
            data["images"] = images(old)
    return data


def _describe(draft: Draft, data: Label, name: str) -> None:
    if draft.chance(0.092):
        data["contact_info"] = _address(draft, name)
    if draft.chance(0.212):
        data["profile"] = prose(draft, draft.pick(facts.LONG_SENTENCES))
    if draft.chance(0.12):
        data["urls"] = urls(draft, name)


def _address(draft: Draft, name: str) -> str:
    words = draft.words
    lines = [
        name,
        f"{1 + draft.below(400)} {draft.title()}",
        f"{10_000 + draft.below(80_000)} {draft.pick(words.pieces)}",
        draft.pick(facts.COUNTRIES),
        "",
        f"Phone: +{1 + draft.below(98)} {draft.below(10**6):06d}",
    ]
    return "\r\n".join(lines[: 2 + draft.below(5)])


def _relate(catalogue: Catalogue, data: Label, slot: int) -> None:
    parent = _parent(catalogue, slot)
    if parent is not None:
        data["parent"] = catalogue.label_reference(parent)
    own = catalogue.relations.sublabels(slot, catalogue.lives.slots(Entity.LABEL))
    sublabels = (s for s in own if _parent(catalogue, s) == slot)
    if references := catalogue.references(Entity.LABEL, sublabels):
        data["sublabels"] = references


def _parent(catalogue: Catalogue, slot: int) -> int | None:
    """Return the parent's slot, unless one of the label's changes was to lose it."""
    parent = catalogue.relations.parent(slot)
    if parent is None:
        return None
    edits = catalogue.lives.life(Entity.LABEL, slot).edits
    lost = any(mix(catalogue.plan.seed, Purpose.PARENT, 1, slot, m) % 4 == 0 for m in edits)
    return None if lost else parent


def _edit(draft: Draft, data: Label) -> None:
    """Change one thing; losing the parent is decided where both ends can see it."""
    drawn = draft.random()
    if drawn < 0.4:
        data["profile"] = data.get("profile", "") + prose(draft, 1)
    elif drawn < 0.7 or "contact_info" not in data:
        data["urls"] = [*data.get("urls", []), *urls(draft, "new")]
    else:
        del data["contact_info"]
