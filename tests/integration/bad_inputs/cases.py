"""What a bad input is made of, and what is expected of it."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.entities import Entity
from common.records import RecordData

DATE = 20260801
IDS = range(1, 13)
"""What every dump holds; all of it is loaded before the first case, with other content."""

BAD = 2
"""The id of the record that is bad; the others are its neighbours."""

RELEASE = Entity.RELEASE
_ID_IN_ATTRIBUTE = (Entity.MASTER, Entity.RELEASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is: an empty folder, a name that no other case has, a file that no dump may
    make us read, and an address of HTTP that it may not make us ask.
    """

    folder: Path
    name: str
    canary: Path
    address: str

    def dump(self, entity: Entity = RELEASE, date: int = DATE, ending: str = "") -> Path:
        """Return the path of a dump, as it must be named."""
        return self.folder / f"discogs_{date}_{entity.plural}.xml{ending}"


Make = Callable[[Place], Path]
"""Writes the files of a case; returns the dump's path."""

Content = Callable[[Place], bytes]


@dataclass(frozen=True, slots=True)
class Bad:
    """A record in quarantine.  ``kept`` is set where not all of its bytes are to be kept."""

    reason: str
    id: int | None = BAD
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """A bad input, by its ``number`` in the list of bad inputs.

    A dump that is ``refused`` changes nothing; these are words of the error.  Any other is read
    to its end: what is bad is in ``quarantined``, and may have ``swallowed`` a neighbour, which
    then keeps what the sinks have; everything else of `IDS` is loaded, and ``records`` are loaded
    as they stand here, but for those that the sinks have ``rejected``.  ``unknown`` is the path
    of an element that is warned of.

    With ``megabytes`` the extractor runs as a process of its own, and may have so many at most
    in each of its processes.  ``meddle`` is called with the dump while it is being read.
    """

    number: int
    name: str
    make: Make
    refused: tuple[str, ...] = ()
    quarantined: tuple[Bad, ...] = ()
    swallowed: tuple[int, ...] = ()
    records: Mapping[int, RecordData] = field(default_factory=dict)
    rejected: tuple[int, ...] = ()
    unknown: str = ""
    megabytes: int = 0
    meddle: Callable[[Path], None] | None = None
    entity: Entity = RELEASE
    refused_by_sinks: str = ""

    @property
    def title(self) -> str:
        """The test's name: ``27 invalid UTF-8``."""
        return f"{self.number} {self.name}"

    def loaded(self) -> dict[int, RecordData]:
        """Return what the sinks must hold of this dump."""
        lost = {BAD, *self.swallowed} if self.quarantined else set()
        names = {number: named(self.entity, self.title, number) for number in IDS}
        good = {number: data for number, (_, data) in names.items() if number not in lost}
        return {**good, **self.records}


def record(entity: Entity, number: int | str, body: str) -> bytes:
    """Return a record with this id and body."""
    if entity in _ID_IN_ATTRIBUTE:
        return f'<{entity} id="{number}">{body}</{entity}>'.encode()
    return f"<{entity}><id>{number}</id>{body}</{entity}>".encode()


def named(entity: Entity, name: str, number: int) -> tuple[bytes, RecordData]:
    """Return a record that nothing is wrong with, and its data."""
    text = f"{name}, {number}"
    if entity in _ID_IN_ATTRIBUTE:
        return record(entity, number, f"<title>{text}</title>"), {"title": text}
    return record(entity, number, f"<name>{text}</name>"), {"name": text}


def whole(place: Place, entity: Entity = RELEASE) -> bytes:
    """Return a dump of good records, a line each."""
    root = entity.plural.encode()
    records = (named(entity, place.name, number)[0] for number in IDS)
    return b"\n".join([b"<" + root + b">", *records, b"</" + root + b">", b""])


def with_bad(place: Place, *instead: bytes, entity: Entity = RELEASE) -> bytes:
    """Return a dump with these in place of the one record."""
    before, after = whole(place, entity).split(named(entity, place.name, BAD)[0])
    return before + b"\n".join(instead) + after


def plain(content: Content, entity: Entity = RELEASE) -> Make:
    """Make a plain dump of this content."""

    def make(place: Place) -> Path:
        path = place.dump(entity)
        path.write_bytes(content(place))
        return path

    return make


def packed(change: Callable[[bytes], bytes]) -> Make:
    """Make a gzipped dump of good records, and change the file's bytes."""

    def make(place: Place) -> Path:
        path = place.dump(ending=".gz")
        path.write_bytes(change(gzip.compress(whole(place), mtime=0)))
        return path

    return make


def instead(*records: bytes, entity: Entity = RELEASE) -> Make:
    """Make a dump with these in place of the one record."""
    return plain(lambda place: with_bad(place, *records, entity=entity), entity)


def release(body: str) -> bytes:
    """Return the one release, with this in it."""
    return record(RELEASE, BAD, body)
