"""A catalogue in one month: its records' ids and names, and references as they then read."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from common.entities import Entity
from common.records import Credit, Reference
from generator import facts
from generator.lives import GIANT_LABEL, KINDS, NAMELESS_LABEL, Lives
from generator.plan import Plan
from generator.randomness import Purpose, Stream, mix
from generator.relations import Relations
from generator.vocabulary import Vocabulary

TAKEN = tuple(combinations(range(8), 5))
"""Which five of eight neighbouring ids are taken: dumps have about as many gaps."""

RESERVED = {(number - 1) // 8: (number - 1) % 8 for number in facts.PLACEHOLDERS}
"""The places, by block of eight ids, that no artist may take: they are credited only."""

CACHED = 1 << 13
"""Names and ids remembered, of the popular ones: a few MB however large the catalogue is."""

FOREIGN = 0.08
"""Records whose own words are in another script than Latin."""
UNLINKED = 0.0085
DANGLING = 0.001


class Catalogue:
    """Everything that records of one plan have in common."""

    def __init__(self, plan: Plan) -> None:
        """Coin the vocabulary; records are made when they are asked for."""
        self.plan = plan
        self.lives = Lives(plan)
        self.relations = Relations(plan.seed)
        self.vocabulary = Vocabulary(plan.seed)
        self.artist = lru_cache(CACHED)(self._find_artist)
        self.label = lru_cache(CACHED)(self._find_label)

    def id_of(self, entity: Entity, slot: int) -> int:
        """Return the id of the slot-th record: ascending, with gaps, the first is 1."""
        block, place = divmod(slot, 5)
        return block * 8 + self._taken(entity, block)[place] + 1

    def gap(self, entity: Entity, slot: int) -> int:
        """Return an id near a slot's that no record ever has."""
        block = slot // 5
        free = set(range(8)).difference(self._taken(entity, block))
        return block * 8 + min(free) + 1

    def _taken(self, entity: Entity, block: int) -> tuple[int, ...]:
        bits = mix(self.plan.seed, Purpose.GAPS, KINDS[entity], block) if block else 0
        if entity is Entity.ARTIST and block in RESERVED:
            allowed = [taken for taken in TAKEN if RESERVED[block] not in taken]
            return allowed[bits % len(allowed)]
        return TAKEN[bits % len(TAKEN)]

    def resolve(self, entity: Entity, slot: int) -> int | None:
        """Follow mergers to the slot that a reference reads as; None for a plain deletion."""
        while True:
            life = self.lives.life(entity, slot)
            if life.alive:
                return slot
            if not life.merged:
                return None
            slot = self.lives.heir(entity, slot)

    def artist_name(self, slot: int) -> str:
        """Name an artist: a few have no name, or one of white space."""
        bits = mix(self.plan.seed, Purpose.NAME, KINDS[Entity.ARTIST], slot)
        if bits % 8192 < 2:
            return "" if bits % 2 else "\u00a0"
        return self.vocabulary.artist_name(bits)

    def label_name(self, slot: int) -> str:
        """Name a label: one has no name."""
        if slot == NAMELESS_LABEL:
            return ""
        bits = mix(self.plan.seed, Purpose.NAME, KINDS[Entity.LABEL], slot)
        return self.vocabulary.label_name(bits)

    def _find_artist(self, slot: int) -> tuple[int, str, str]:
        """Return id and name as a reference reads now, and the name before any merger."""
        found = self.resolve(Entity.ARTIST, slot)
        own = self.artist_name(slot)
        if found is None or found == slot:
            return self.id_of(Entity.ARTIST, slot), own, ""
        return self.id_of(Entity.ARTIST, found), self.artist_name(found), own

    def _find_label(self, slot: int) -> tuple[int, str]:
        found = self.resolve(Entity.LABEL, slot)
        slot = slot if found is None else found
        return self.id_of(Entity.LABEL, slot), self.label_name(slot)

    def credit(self, slot: int) -> Credit:
        """Credit an artist; one merged into another keeps its old name as the variation."""
        number, name, old = self.artist(slot)
        credit: Credit = {"id": number}
        if name:
            credit["name"] = name
        if old:
            credit["anv"] = old
        return credit

    def label_reference(self, slot: int) -> Reference:
        """Refer to a label; one label has no name to be called by."""
        number, name = self.label(slot)
        return {"id": number, "name": name} if name else {"id": number}

    def references(self, entity: Entity, slots: Iterator[int]) -> list[Reference]:
        """Name artists or labels: those merged away are left out, those deleted dangle."""
        limit = self.lives.slots(entity)
        return [
            self._reference(entity, slot)
            for slot in slots
            if slot < limit and self.resolve(entity, slot) in (slot, None)
        ]

    def _reference(self, entity: Entity, slot: int) -> Reference:
        if entity is Entity.LABEL:
            return self.label_reference(slot)
        number, name, _ = self.artist(slot)
        return {"id": number, "name": name} if name else {"id": number}

    def draft(self, purpose: Purpose, entity: Entity, slot: int, month: int = 0) -> "Draft":
        """Open the stream that decides one record, or one month's change of it."""
        draft = Draft(mix(self.plan.seed, purpose, KINDS[entity], slot, month))
        draft.catalogue = self
        draft.words = self.vocabulary
        draft.foreign = draft.chance(FOREIGN)
        written = month or self.lives.life(entity, slot).born
        draft.artists = self.lives.slots(Entity.ARTIST, written)
        draft.labels = self.lives.slots(Entity.LABEL, written)
        draft.masters = self.lives.slots(Entity.MASTER, written)
        return draft


class Draft(Stream):
    """The stream of one record: draws references to what existed when it was written.

    Made by ``Catalogue.draft``; ``artists``, ``labels`` and ``masters`` count the slots then.
    """

    catalogue: Catalogue
    words: Vocabulary
    artists: int
    labels: int
    masters: int
    foreign: bool

    def title(self) -> str:
        """Draw a title in the record's script."""
        return self.words.title(self, self.foreign)

    def track_title(self) -> str:
        """Draw a track's title in the record's script."""
        return self.words.track_title(self, self.foreign)

    def credit(self) -> Credit:
        """Credit some artist: now and then one without an id, or with the id of none."""
        drawn = self.random()
        if drawn < UNLINKED:
            return {"name": self.words.artist_name(self.below(1 << 52))}
        if drawn < UNLINKED + DANGLING:
            gone = self.catalogue.gap(Entity.ARTIST, self.below(self.artists))
            return {"id": gone, "name": self.words.artist_name(self.below(1 << 52))}
        return self._placeholder(drawn) or self.catalogue.credit(self.low(self.artists))

    @staticmethod
    def _placeholder(drawn: float) -> Credit | None:
        """Credit an artist who is known to have no record, in half a percent of the draws."""
        if drawn > 0.995:
            number, name = facts.UNKNOWN if drawn < 0.999 else facts.NO_ARTIST
            return {"id": number, "name": name}
        return None

    def label_slot(self) -> int:
        """Draw a label: one of them has thousands of releases."""
        return GIANT_LABEL % self.labels if self.chance(0.035) else self.low(self.labels)

    def company(self) -> Reference:
        """Name some label as a company: a few are not linked, a few linked to nothing."""
        drawn = self.random()
        if drawn < 0.0002:
            return {"name": self.words.label_name(self.below(1 << 52))}
        if drawn < 0.002:
            gone = self.catalogue.gap(Entity.LABEL, self.below(self.labels))
            return {"id": gone, "name": self.words.label_name(self.below(1 << 52))}
        return self.catalogue.label_reference(self.low(self.labels))
