"""Who belongs to whom, as arithmetic on slots: every relation can be read from both ends.

Slots are taken in blocks.  A seeded permutation gives each slot of a block its role, so that
the members of a group, or the releases of a master, are neighbours without a pattern.
"""

from collections.abc import Iterator
from functools import lru_cache

from generator.plan import BLOCK, MASTERS_PER_BLOCK
from generator.randomness import Purpose, mix, share

ARTISTS = 32
GROUP_ROLES = (0, 1)
MEMBER_ROLES = (2, 3, 4)
CLIQUE_START = 4
CLIQUE_SIZES = (0, 0, 2, 3, 3, 6)
ORCHESTRA_ROLE = 31
ORCHESTRA_BLOCKS = 299
"""The first block's first group is an orchestra: a member from each of so many blocks."""

LABELS = 32
PARENT_SHARE = 0.07
CONGLOMERATE_STEP = 401
CONGLOMERATE_LABELS = 173
"""One label is the parent of every 401st, up to as many as the largest seen."""

VERSION_ROLES = 9
"""Releases of a block that belong to a master; the first two are main releases."""


class Relations:
    """The relations of one seed.  Slots that do not exist yet have to be left out by the user."""

    def __init__(self, seed: int) -> None:
        """Prepare the permutations, of which the last few are remembered."""
        self._seed = seed
        self._permutation = lru_cache(1024)(self._layout)

    def _layout(self, kind: int, block: int, size: int) -> tuple[int, int]:
        """Factor and offset of the block's permutation; the factor is coprime to the size."""
        bits = mix(self._seed, Purpose.LAYOUT, kind, block)
        factors = (1, 7, 11, 13)
        return factors[bits % 4], bits // 4 % size

    def _role(self, kind: int, slot: int, size: int) -> tuple[int, int]:
        block, place = divmod(slot, size)
        factor, offset = self._permutation(kind, block, size)
        return block, (place * factor + offset) % size

    def _slot(self, kind: int, block: int, role: int, size: int) -> int:
        factor, offset = self._permutation(kind, block, size)
        return block * size + (role - offset) * pow(factor, -1, size) % size

    def _artist(self, block: int, role: int) -> int:
        return self._slot(0, block, role, ARTISTS)

    def _plays(self, block: int, group: int, member: int) -> bool:
        bits = mix(self._seed, Purpose.MEMBERSHIP, block, group, member)
        return share(bits) < 0.7

    def members(self, slot: int) -> Iterator[int]:
        """Artist slots that are members of this one; none when it is no group."""
        block, role = self._role(0, slot, ARTISTS)
        if role in GROUP_ROLES:
            for member in MEMBER_ROLES:
                if self._plays(block, role, member):
                    yield self._artist(block, member)
        if block == 0 and role == 0:
            for other in range(1, ORCHESTRA_BLOCKS + 1):
                yield self._artist(other, ORCHESTRA_ROLE)

    def groups(self, slot: int) -> Iterator[int]:
        """Artist slots of the groups that this one is a member of."""
        block, role = self._role(0, slot, ARTISTS)
        if role in MEMBER_ROLES:
            for group in GROUP_ROLES:
                if self._plays(block, group, role):
                    yield self._artist(block, group)
        if role == ORCHESTRA_ROLE and 1 <= block <= ORCHESTRA_BLOCKS:
            yield self._artist(0, 0)

    def aliases(self, slot: int) -> Iterator[int]:
        """Artist slots that are the same person under other names."""
        block, role = self._role(0, slot, ARTISTS)
        bits = mix(self._seed, Purpose.MEMBERSHIP, block, ARTISTS, 0)
        clique = range(CLIQUE_START, CLIQUE_START + CLIQUE_SIZES[bits % len(CLIQUE_SIZES)])
        if role in clique:
            yield from (self._artist(block, other) for other in clique if other != role)

    def parent(self, slot: int) -> int | None:
        """Return the label slot this label belongs to, if it belongs to one."""
        if slot % CONGLOMERATE_STEP == 7 and slot < CONGLOMERATE_STEP * CONGLOMERATE_LABELS:
            return 0
        leader = slot - slot % LABELS
        if slot == leader:
            return None
        bits = mix(self._seed, Purpose.PARENT, 0, slot)
        return leader if share(bits) < PARENT_SHARE else None

    def sublabels(self, slot: int, count: int) -> Iterator[int]:
        """Label slots below ``count`` that belong to this one."""
        if slot % LABELS:
            return
        own = range(slot + 1, slot + LABELS)
        far = range(7, CONGLOMERATE_STEP * CONGLOMERATE_LABELS, CONGLOMERATE_STEP)
        candidates = sorted({*own, *far}) if slot == 0 else own
        yield from (s for s in candidates if s < count and self.parent(s) == slot)

    def master(self, release: int) -> tuple[int, bool] | None:
        """Return the master slot of a release, and whether it is its main release."""
        block, role = self._role(1, release, BLOCK)
        if role >= VERSION_ROLES:
            return None
        first = block * MASTERS_PER_BLOCK
        if role < MASTERS_PER_BLOCK:
            return first + role, True
        bits = mix(self._seed, Purpose.MEMBERSHIP, -1, release)
        if bits % 5 == 0:
            return int(share(bits) ** 3 * (first + 1)), False
        return first + bits // 8 % MASTERS_PER_BLOCK, False

    def main_release(self, master: int) -> int:
        """Return the slot of a master's main release."""
        block, role = divmod(master, MASTERS_PER_BLOCK)
        return self._slot(1, block, role, BLOCK)
