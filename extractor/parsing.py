"""The work of a parse process: a group of raw records in, encoded batches out.

What crosses the process border is bytes and small lists.  The compiled walker, where there is
one, encodes the regular records; Python's walker takes those that it declines, or all.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress

import orjson

from common.entities import Entity
from common.messages import MESSAGE_LIMIT
from common.truth import as_signed
from extractor.elements import make_parser, parse_group, parse_one
from extractor.raw_records import RawRecords
from extractor.walkers import WALKERS, BadRecordError, Element, Oddities
from extractor.walkers.attributes import count_unknown_attributes
from extractor.walkers.regular import GroupWalker


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one entity to be parsed together."""

    entity: Entity
    records: RawRecords


@dataclass(slots=True)
class Parsed:
    """What became of a group: each position is in one batch, or in ``bad`` with a reason."""

    bodies: list[bytes] = field(default_factory=list)
    positions: list[Sequence[int]] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    odd: Oddities = field(default_factory=Oddities)


def parse(group: Group, walk_regular: GroupWalker | None = None) -> Parsed:
    """Parse and walk a group's records, and encode them as bodies of batches.

    ``walk_regular`` saves time only: what comes out is the same without it.
    """
    parsed = Parsed()
    encoded = _Encoder(group, walk_regular, parsed).encode()
    positions: Sequence[int] = range(len(encoded))
    records = [record for record in encoded if record]
    if parsed.bad:
        positions = list(compress(positions, encoded))
    for part in _parts(records):
        parsed.bodies.append(b"[" + b",".join(records[part]) + b"]")
        parsed.positions.append(positions[part])
    return parsed


def _parts(records: list[bytes]) -> Iterator[slice]:
    """Cut records into bodies, each as full as the limit allows; a larger one is alone."""
    ends = list(accumulate(map(len, records), initial=0))
    first = 0
    while first < len(records):
        # Two brackets, and a comma less than there are records.
        room = MESSAGE_LIMIT - 1 + ends[first] + first
        fitting = bisect_right(range(len(ends)), room, key=lambda last: ends[last] + last) - 1
        last = max(fitting, first + 1)
        yield slice(first, last)
        first = last


class _Encoder:
    """Makes JSON of a group's records; None for a bad one, whose reason goes to ``parsed``."""

    def __init__(self, group: Group, walk_regular: GroupWalker | None, parsed: Parsed) -> None:
        self._entity = group.entity
        self._records = group.records
        self._walk_regular = walk_regular
        self._walk = WALKERS[group.entity]
        self._parser = make_parser()
        self._parsed = parsed

    def encode(self) -> list[bytes | None]:
        """Parse all at once; one by one only when a record spoils the group."""
        root = parse_group(self._records.text, len(self._records), self._parser)
        if root is not None:
            return self._under(root, 0, len(self._records))
        return [self._alone(position) for position in range(len(self._records))]

    def _alone(self, position: int) -> bytes | None:
        root = parse_group(self._records.element(position), 1, self._parser)
        if root is not None:
            return self._under(root, position, position + 1)[0]
        return self._one(position)

    def _under(self, root: Element, first: int, last: int) -> list[bytes | None]:
        encoded: list[bytes | None] = [None] * (last - first)
        if self._walk_regular:
            ids, fingerprints = self._records.ids, self._records.fingerprints
            encoded = self._walk_regular(
                root, self._entity, ids[first:last], fingerprints[first:last]
            )
        if all(encoded):
            return encoded
        count_unknown_attributes(root, self._entity, self._parsed.odd)
        return [
            known or self._one(position, element)
            for known, element, position in zip(encoded, root, range(first, last), strict=True)
        ]

    def _one(self, position: int, element: Element | None = None) -> bytes | None:
        """Walk one record in Python; it is parsed first where that has not been done."""
        try:
            return self._record(position, element)
        except BadRecordError as error:
            self._parsed.bad.append((position, str(error)))
            return None

    def _record(self, position: int, element: Element | None) -> bytes:
        if element is None:
            element = parse_one(self._records.element(position), self._parser)
        expected, fingerprint = self._records.ids[position], self._records.fingerprints[position]
        number, data = self._walk(element, self._parsed.odd)
        if number != expected:
            raise BadRecordError(f"two ids, {expected} and {number}")
        return orjson.dumps({"id": number, "fingerprint": as_signed(fingerprint), "data": data})
