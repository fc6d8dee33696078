"""Small dumps with everything in them, and what a sink must hold after each."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from pathlib import Path

import xxhash

from common.dumps import Dump
from common.entities import Entity
from common.records import Record
from common.run_rules import as_signed
from extractor.framing.stems import fingerprint_of

ENTITY = Entity.ARTIST
POISON = "poison"


class Kind(Enum):
    """What is special about a record."""

    GOOD = auto()
    POISON = auto()  # a sink cannot hold it
    BROKEN = auto()  # it does not parse
    NAMELESS = auto()  # its id cannot be read


@dataclass(frozen=True)
class Entry:
    """One record of a dump."""

    id: int
    content: int = 0
    kind: Kind = Kind.GOOD

    @property
    def name(self) -> str:
        """The record's only field."""
        return f"{POISON if self.kind is Kind.POISON else 'plain'} {self.content}"

    @property
    def stem(self) -> bytes:
        """The record's bytes up to its end tag."""
        number = "none" if self.kind is Kind.NAMELESS else str(self.id)
        end = "nam" if self.kind is Kind.BROKEN else "name"
        return f"<artist><id>{number}</id><name>{self.name}</{end}>".encode()

    @property
    def fingerprint(self) -> int:
        """What a sink holds as its fingerprint."""
        return as_signed(fingerprint_of(self.stem))


@dataclass(frozen=True)
class Month:
    """A dump as a list of records; ``cut`` is one that ends in the middle."""

    date: int
    entries: tuple[Entry, ...]
    cut: bool = False

    @cached_property
    def firsts(self) -> dict[int, Entry]:
        """The record that counts of every id that can be read."""
        found: dict[int, Entry] = {}
        for entry in self.entries:
            if entry.kind is not Kind.NAMELESS:
                found.setdefault(entry.id, entry)
        return found

    @cached_property
    def good(self) -> dict[int, Entry]:
        """What must be there, by id."""
        return {i: entry for i, entry in self.firsts.items() if entry.kind is not Kind.BROKEN}

    @cached_property
    def fingerprints(self) -> dict[int, int]:
        """The fingerprints of what must be there."""
        return {i: entry.fingerprint for i, entry in self.good.items()}

    @property
    def quarantined(self) -> set[int]:
        """Ids of which a sink keeps what it has."""
        return self.firsts.keys() - self.good.keys()

    @cached_property
    def left_out(self) -> range:
        """How many records a run must say that it has left out.

        One that comes a second time, as broken as the first, may be taken for the same or not.
        """
        certain = again = 0
        firsts: set[int] = set()
        for entry in self.entries:
            first = self.firsts.get(entry.id, entry)
            if entry.kind is Kind.NAMELESS or entry.stem != first.stem:
                certain += 1
            elif entry.kind is Kind.BROKEN:
                again += entry.id in firsts
                certain += entry.id not in firsts
                firsts.add(entry.id)
        return range(certain, certain + again + 1)

    @property
    def holds_deletions(self) -> bool:
        """Whether any id might be that of a record that is there."""
        return any(entry.kind is Kind.NAMELESS for entry in self.entries)

    def write(self, folder: Path) -> Dump:
        """Write the file that the extractor reads, once: it must not change while it is read."""
        entries = self.entries[: len(self.entries) // 2] if self.cut else self.entries
        body = b"".join(entry.stem + b"</artist>\n" for entry in entries)
        text = b"<artists>\n" + body + (b"" if self.cut else b"</artists>\n")
        path = folder / f"discogs_{self.date}_artists_{xxhash.xxh3_64_hexdigest(text)}.xml"
        if not path.exists():
            path.write_bytes(text)
        return Dump(path, ENTITY, self.date, None)


def many(ids: Iterable[int], content: int = 0) -> list[Entry]:
    """Return plain records."""
    return [Entry(record_id, content) for record_id in ids]


def is_takeable(record: Record) -> bool:
    """Tell whether a sink can hold a record."""
    return POISON not in str(record["data"])


@dataclass(frozen=True)
class Promise:
    """What is known of a run from outside: the dump it reads and what its user allowed."""

    run: int
    month: Month
    allow_older: bool = False
    allow_deletions: bool = False
