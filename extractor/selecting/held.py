"""What the store holds of a block of ids, and what a run makes of it."""

from array import array

from common.store.packing import BLOCK_BYTES, pack, spread, unpack

FEW = 64
"""Fingerprints that a block has room for before it makes room for all its ids, 64 kB."""


class FewMarks(dict[int, int]):
    """Fingerprints by place, where most have none: these read as 0, as in an array."""

    def __missing__(self, place: int) -> int:
        return 0


class HeldBlock:
    """A block of fingerprints, unsigned, 0 where there is none.

    ``held`` is what the store has, or is to have; ``met`` what this run has met since and sends:
    ``expected`` so many are not settled yet.  Both are arrays of all places, or both `FewMarks`.
    """

    __slots__ = ("expected", "held", "met")

    def __init__(self, held: bytes = b"") -> None:
        self.expected = 0
        self.held: array[int] | FewMarks = FewMarks()
        self.met: array[int] | FewMarks = FewMarks()
        if len(held) == BLOCK_BYTES:
            self.held, self.met = array("Q", held), array("Q", bytes(BLOCK_BYTES))
        else:
            self.held = FewMarks(unpack(held))
            self._widen_if_full(self.held)

    def expect(self, place: int, fingerprint: int) -> None:
        """Note a record that is to be sent."""
        self.met[place] = fingerprint
        self.expected += 1
        self._widen_if_full(self.met)

    def confirm(self, place: int) -> None:
        """Take over the fingerprint of a record that has been sent."""
        self.held[place] = self.met[place]
        self.expected -= 1

    def give_up(self, place: int) -> None:
        """Forget a record that will not be sent."""
        self.met[place] = 0
        self.expected -= 1

    def first(self, place: int) -> int:
        """Return the fingerprint that an id had when it was met first, or is held."""
        return self.met[place] or self.held[place]

    def content(self) -> bytes:
        """Return what the store is to have, whole or packed."""
        return pack(self.held) if isinstance(self.held, FewMarks) else self.held.tobytes()

    def _widen_if_full(self, marks: "array[int] | FewMarks") -> None:
        if isinstance(marks, FewMarks) and len(marks) > FEW:
            self.held, self.met = (
                array("Q", spread(held)) if isinstance(held, FewMarks) else held
                for held in (self.held, self.met)
            )
