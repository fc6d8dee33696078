"""The work of a parse process: a group of raw records in, encoded batches out.

What crosses the process border is bytes and small lists, so that the walk can be replaced by
compiled code without anybody noticing.
"""

from dataclasses import dataclass, field

import orjson
from lxml import etree

from common.entities import Entity
from common.messages import MESSAGE_LIMIT
from common.truth import as_signed
from extractor.elements import make_parser, parse_group, parse_one
from extractor.walkers import WALKERS, BadRecordError, Element, Oddities, Walker
from extractor.walkers.attributes import count_unknown_attributes


@dataclass(frozen=True, slots=True)
class Group:
    """Raw records of one entity: ``keys`` are (id, unsigned fingerprint) of the stems."""

    entity: Entity
    end_tag: bytes
    keys: list[tuple[int, int]]
    stems: list[bytes]


@dataclass(slots=True)
class Parsed:
    """What became of a group: each position is in one batch, or in ``bad`` with a reason."""

    bodies: list[bytes] = field(default_factory=list)
    positions: list[list[int]] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    odd: Oddities = field(default_factory=Oddities)


def parse(group: Group) -> Parsed:
    """Parse and walk a group's records, and encode them as bodies of batches."""
    parsed = Parsed()
    packer = _Packer(parsed)
    walk = WALKERS[group.entity]
    elements = _elements(group, parsed)
    for position, element in enumerate(elements):
        if element is None:
            continue
        try:
            packer.add(position, _record(element, walk, group.keys[position], parsed.odd))
        except BadRecordError as error:
            parsed.bad.append((position, str(error)))
    packer.flush()
    return parsed


def _elements(group: Group, parsed: Parsed) -> list[Element | None]:
    """Parse all at once; one by one only when a record spoils the group."""
    parser = make_parser()
    raws = [stem + group.end_tag for stem in group.stems]
    root = parse_group(raws, parser)
    if root is not None:
        count_unknown_attributes(root, group.entity, parsed.odd)
        return list(root)
    return [
        _parse_alone(position, raw, parser, group.entity, parsed)
        for position, raw in enumerate(raws)
    ]


def _parse_alone(
    position: int, raw: bytes, parser: etree.XMLParser, entity: Entity, parsed: Parsed
) -> Element | None:
    root = parse_group([raw], parser)
    if root is not None:
        count_unknown_attributes(root, entity, parsed.odd)
        return root[0]
    try:
        return parse_one(raw, parser)
    except BadRecordError as error:
        parsed.bad.append((position, str(error)))
        return None


def _record(element: Element, walk: Walker, key: tuple[int, int], odd: Oddities) -> bytes:
    expected, fingerprint = key
    number, data = walk(element, odd)
    if number != expected:
        raise BadRecordError(f"two ids, {expected} and {number}")
    return orjson.dumps({"id": number, "fingerprint": as_signed(fingerprint), "data": data})


class _Packer:
    """Fills bodies up to the limit; a larger record travels alone."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._encoded: list[bytes] = []
        self._positions: list[int] = []
        self._size = 0

    def add(self, position: int, encoded: bytes) -> None:
        brackets = 2
        if self._encoded and self._size + len(encoded) + brackets > MESSAGE_LIMIT:
            self.flush()
        self._encoded.append(encoded)
        self._positions.append(position)
        self._size += len(encoded) + 1

    def flush(self) -> None:
        if self._encoded:
            self._parsed.bodies.append(b"[" + b",".join(self._encoded) + b"]")
            self._parsed.positions.append(self._positions)
        self._encoded, self._positions, self._size = [], [], 0
