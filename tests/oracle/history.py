"""F(D): the records that must be held after a series of dumps, and since which dump."""

import gzip
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

from common.entities import Entity


@dataclass(frozen=True)
class Load:
    """A dump that was loaded; the ids in ``quarantined`` are in it, but could not be."""

    path: Path
    quarantined: Collection[int] = ()

    @property
    def entity(self) -> Entity:
        """The entity, from the file's name."""
        return next(entity for entity in Entity if f"_{entity.plural}" in self.path.name)

    @property
    def date(self) -> int:
        """The dump's date in eight digits, from the file's name."""
        return int(re.findall(r"_(\d{8})_", self.path.name)[0])


@dataclass(frozen=True)
class Held:
    """A record: ``dump`` is the date of the one that last changed it, ``raw`` its bytes there."""

    dump: int
    raw: bytes

    @property
    def element(self) -> ET.Element:
        """The record's element."""
        return ET.fromstring(self.raw)  # noqa: S314 - the tests' own dumps


@dataclass(frozen=True)
class Truth:
    """The records to be held, by entity and id, and all that were ever written.

    ``deletions`` are the records that a dump no longer had: entity, id and the dump's date.
    """

    records: dict[Entity, dict[int, Held]] = field(
        default_factory=lambda: {entity: {} for entity in Entity}
    )
    ever: list[tuple[Entity, Held]] = field(default_factory=list)
    deletions: set[tuple[Entity, int, int]] = field(default_factory=set)


def after(*loads: Load) -> Truth:
    """Return what must be held after these dumps, loaded one after the other.

    A dump replaces all records of its entity; one that is the same as before, byte for byte,
    stays as it is, and a quarantined one keeps what was held.
    """
    truth = Truth()
    for load in loads:
        before = truth.records[load.entity]
        new = _read(load, before)
        truth.ever.extend((load.entity, one) for i, one in new.items() if one is not before.get(i))
        gone = before.keys() - new.keys()
        written = {i for i, one in new.items() if one is not before.get(i)}
        truth.deletions.update((load.entity, i, load.date) for i in gone)
        truth.deletions.difference_update((load.entity, i, load.date) for i in written)
        truth.records[load.entity] = new
    return truth


def _read(load: Load, before: dict[int, Held]) -> dict[int, Held]:
    held: dict[int, Held] = {i: before[i] for i in load.quarantined if i in before}
    for raw in cut(unpacked(load.path)):
        one = Held(load.date, raw)
        number = _id(load.entity, one.element)
        if number not in load.quarantined:
            old = before.get(number)
            held.setdefault(number, old if old and old.raw == raw else one)
    return held


def unpacked(path: Path) -> bytes:
    """Return the XML of a dump."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def cut(xml: bytes) -> Iterator[bytes]:
    """Yield the bytes of each element below the root."""
    parser = expat.ParserCreate()
    spans: list[tuple[int, int]] = []
    open_at: list[int] = []

    def start(_name: str, _attributes: object) -> None:
        open_at.append(parser.CurrentByteIndex)

    def end(_name: str) -> None:
        begun = open_at.pop()
        if len(open_at) == 1:
            spans.append((begun, xml.index(b">", parser.CurrentByteIndex) + 1))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(xml, True)
    return (xml[begun:ended] for begun, ended in spans)


def _id(entity: Entity, element: ET.Element) -> int:
    by_attribute = entity in (Entity.MASTER, Entity.RELEASE)
    return int((element.get("id") if by_attribute else element.findtext("id")) or 0)
