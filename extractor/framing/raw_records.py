"""Records as they stand in a dump, in columns: of millions of them, none is an object by itself."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Self

from common.entities import Entity


class RawRecord(NamedTuple):
    """A record to be parsed: ``fingerprint`` unsigned, ``offset`` in bytes of the XML.

    Its ``stem`` is its element without the end tag.
    """

    id: int
    fingerprint: int
    offset: int
    stem: bytes


def end_tag_of(entity: Entity) -> bytes:
    """Return what every record of an entity ends with."""
    return b"</" + entity.encode() + b">"


@dataclass(frozen=True, slots=True)
class RawRecords:
    """Records of one entity, all of whose elements end with ``end_tag``.

    ``ids``, ``offsets`` and ``ends`` are signed, ``fingerprints`` unsigned, of 64 bits.  ``text``
    is the elements, one behind the other; ``ends`` says where each ends in it.
    """

    end_tag: bytes
    ids: "array[int]"
    fingerprints: "array[int]"
    offsets: "array[int]"
    ends: "array[int]"
    text: bytes

    @classmethod
    def of(cls, entity: Entity, records: Iterable[RawRecord]) -> Self:
        """Return these records in columns."""
        rows, end_tag = list(records), end_tag_of(entity)
        elements = [record.stem + end_tag for record in rows]
        return cls(
            end_tag,
            array("q", [record.id for record in rows]),
            array("Q", [record.fingerprint for record in rows]),
            array("q", [record.offset for record in rows]),
            array("q", accumulate(map(len, elements))),
            b"".join(elements),
        )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the records of all parts, of which there is one at least."""
        first, *others = parts
        if not others:
            return first
        ids, fingerprints, offsets, ends = (
            first.ids[:],
            first.fingerprints[:],
            first.offsets[:],
            first.ends[:],
        )
        for part in others:
            before = ends[-1] if ends else 0
            ids += part.ids
            fingerprints += part.fingerprints
            offsets += part.offsets
            ends.extend(before + end for end in part.ends)
        text = b"".join(part.text for part in parts)
        return cls(first.end_tag, ids, fingerprints, offsets, ends, text)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, position: int) -> RawRecord:
        stem = self.element(position)[: -len(self.end_tag)]
        return RawRecord(
            self.ids[position], self.fingerprints[position], self.offsets[position], stem
        )

    def __iter__(self) -> Iterator[RawRecord]:
        return (self[position] for position in range(len(self)))

    def element(self, position: int) -> bytes:
        """Return the element of a record."""
        begin = self.ends[position - 1] if position else 0
        return self.text[begin : self.ends[position]]

    def split(self, size: int) -> Iterator[Self]:
        """Yield the records in parts, each as short as may be with ``size`` bytes of text.

        The last may have less.
        """
        first = begin = 0
        while first < len(self):
            last = bisect_left(self.ends, begin + size, first) + 1
            yield self._part(first, last, begin)
            first, begin = last, self.ends[min(last, len(self)) - 1]

    def _part(self, first: int, last: int, begin: int) -> Self:
        ends = self.ends[first:last]
        return type(self)(
            self.end_tag,
            self.ids[first:last],
            self.fingerprints[first:last],
            self.offsets[first:last],
            array("q", [end - begin for end in ends]) if begin else ends,
            self.text[begin : ends[-1]],
        )
