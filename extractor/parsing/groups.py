"""The work of a parse process: a group of raw records in, encoded batches out.

What crosses the process border is bytes and small lists.  The compiled walkers, where there are
any, encode the regular records; Python's take those that they decline, or all.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Self

import orjson

from common.entities import Entity
from common.messages import BODY_LIMIT, MESSAGE_LIMIT
from common.run_rules import as_signed
from extractor.framing.raw_records import RawRecords
from extractor.walkers import WALKERS, BadRecordError, Element, GroupWalkers, Oddities
from extractor.walkers.elements import make_parser, parse_group, parse_one
from extractor.walkers.oddities import count_text_beside_elements, count_unknown_attributes


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


def parse(group: Group, regular_walkers: GroupWalkers | None = None) -> Parsed:
    """Parse and walk a group's records, and encode them as bodies of batches.

    ``regular_walkers`` saves time only: what comes out is the same without it.
    """
    parsed = Parsed()
    encoded = _Encoder(group, regular_walkers, parsed).encode()
    starts = encoded.starts
    positions: Sequence[int] = range(len(encoded))
    if parsed.bad:
        positions = encoded.given()
        starts = [*(starts[position] for position in positions), starts[-1]]
    text = memoryview(encoded.text)
    for part in _parts(starts):
        without_last_comma = text[starts[part.start] : starts[part.stop] - 1]
        size = len(without_last_comma) + 2
        if size > BODY_LIMIT:  # more than `MESSAGE_LIMIT`, so it is one record
            parsed.bad.append((positions[part.start], _too_long(size)))
            continue
        parsed.bodies.append(b"".join((b"[", without_last_comma, b"]")))
        parsed.positions.append(positions[part])
    return parsed


def _too_long(size: int) -> str:
    return f"{size} bytes as a message, which may have {BODY_LIMIT}"


def _parts(starts: Sequence[int]) -> Iterator[slice]:
    """Cut records into bodies, each as full as the limit allows; a larger one is alone."""
    first, count = 0, len(starts) - 1
    while first < count:
        # A body has a bracket more than these, the other one instead of the last comma.
        fitting = bisect_right(starts, starts[first] + MESSAGE_LIMIT - 1) - 1
        last = max(fitting, first + 1)
        yield slice(first, last)
        first = last


@dataclass(frozen=True, slots=True)
class _Encoded:
    """The JSON of records, each with a comma behind it, and where each begins; a bad one has
    none, and begins where the next does.  The end of all is the last of ``starts``."""

    text: bytes
    starts: Sequence[int]

    @classmethod
    def of(cls, records: Iterable[bytes]) -> Self:
        """Join records, each with its comma."""
        joined = list(records)
        return cls(b"".join(joined), list(accumulate(map(len, joined), initial=0)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[bytes]:
        return (self.text[start:end] for start, end in pairwise(self.starts))

    def given(self) -> list[int]:
        """Return the positions of the records that are not bad."""
        return [n for n, (start, end) in enumerate(pairwise(self.starts)) if start < end]


class _Encoder:
    """Makes JSON of a group's records; the reasons of bad ones go to ``parsed``."""

    def __init__(self, group: Group, regular_walkers: GroupWalkers | None, parsed: Parsed) -> None:
        self._entity = group.entity
        self._records = group.records
        self._walk_regular = regular_walkers[group.entity] if regular_walkers else None
        self._walk = WALKERS[group.entity]
        self._parser = make_parser()
        self._parsed = parsed

    def encode(self) -> _Encoded:
        """Parse all at once; one by one only when a record spoils the group."""
        root = parse_group(self._records.text, len(self._records), self._parser)
        if root is not None:
            return self._under(root, 0, len(self._records))
        return _Encoded.of(self._alone(position) for position in range(len(self._records)))

    def _alone(self, position: int) -> bytes:
        root = parse_group(self._records.element(position), 1, self._parser)
        if root is not None:
            return self._under(root, position, position + 1).text
        return self._one(position)

    def _under(self, root: Element, first: int, last: int) -> _Encoded:
        ids, fingerprints = self._records.ids[first:last], self._records.fingerprints[first:last]
        encoded, declined = _Encoded(b"", [0] * (last - first + 1)), last - first
        if self._walk_regular:
            text, starts, declined = self._walk_regular(root, ids, fingerprints)
            encoded = _Encoded(text, starts)
        if not declined:
            return encoded
        count_unknown_attributes(root, self._entity, self._parsed.odd)
        count_text_beside_elements(root, self._parsed.odd)
        return _Encoded.of(
            known or self._one(position, element)
            for known, element, position in zip(encoded, root, range(first, last), strict=True)
        )

    def _one(self, position: int, element: Element | None = None) -> bytes:
        """Walk one record in Python; it is parsed first where that has not been done."""
        try:
            return self._record(position, element) + b","
        except BadRecordError as error:
            self._parsed.bad.append((position, str(error)))
            return b""

    def _record(self, position: int, element: Element | None) -> bytes:
        if element is None:
            element = parse_one(self._records.element(position), self._parser)
        expected, fingerprint = self._records.ids[position], self._records.fingerprints[position]
        number, data = self._walk(element, self._parsed.odd)
        if number != expected:
            raise BadRecordError(f"two ids, {expected} and {number}")
        return orjson.dumps({"id": number, "fingerprint": as_signed(fingerprint), "data": data})
