"""What a month did, stated by the generator itself: counts of a load can be held against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from common.entities import Entity
from generator.catalogue import Catalogue
from generator.dumps import record_of
from generator.plan import Plan


@dataclass(frozen=True)
class Changes:
    """What a month did to an entity, as ids.

    ``added``, ``changed`` and ``deleted`` have no id in common.  Of the added, ``returned`` had
    been there before, and not in the month before.  Of the changed, ``reverted`` are what they
    were two months ago.  Of the deleted, ``merged`` became part of another, which is there.
    """

    added: frozenset[int]
    changed: frozenset[int] = frozenset()
    deleted: frozenset[int] = frozenset()
    returned: frozenset[int] = frozenset()
    reverted: frozenset[int] = frozenset()
    merged: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def sent(self) -> frozenset[int]:
        """The ids that a load of this month, after the one before it, has to write."""
        return self.added | self.changed


def changes(plan: Plan, entity: Entity) -> Changes:
    """Compare the month with the one before, record by record; month 1 added everything."""
    now = Catalogue(plan)
    if plan.month == 1:
        slots = range(now.lives.slots(entity))
        return Changes(frozenset(now.id_of(entity, slot) for slot in slots))
    before = _months_ago(plan, 1)
    slots_of: dict[str, set[int]] = {"added": set(), "changed": set(), "deleted": set()}
    for slot in range(now.lives.slots(entity)):
        new, old = record_of(now, entity, slot), record_of(before, entity, slot)
        if new != old:
            what = "added" if old is None else "deleted" if new is None else "changed"
            slots_of[what].add(slot)
    known = before.lives.slots(entity)
    slots_of["returned"] = {slot for slot in slots_of["added"] if slot < known}
    slots_of["reverted"] = _reverted(now, entity, slots_of["changed"])
    ids = {
        what: frozenset(now.id_of(entity, slot) for slot in slots)
        for what, slots in slots_of.items()
    }
    return Changes(**ids, merged=_merged(now, entity, slots_of["deleted"]))


def _reverted(now: Catalogue, entity: Entity, changed: set[int]) -> set[int]:
    """Return the slots whose record is what it was two months ago."""
    if now.plan.month < 3:
        return set()
    then = _months_ago(now.plan, 2)
    return {s for s in changed if record_of(now, entity, s) == record_of(then, entity, s)}


def _merged(now: Catalogue, entity: Entity, deleted: set[int]) -> Mapping[int, int]:
    """Return the ids of those that became part of another, each with the other's id."""
    survivors = {slot: now.resolve(entity, slot) for slot in deleted}
    ids = {
        now.id_of(entity, slot): now.id_of(entity, survivor)
        for slot, survivor in survivors.items()
        if survivor is not None
    }
    return MappingProxyType(ids)


def _months_ago(plan: Plan, months: int) -> Catalogue:
    return Catalogue(replace(plan, month=plan.month - months))
