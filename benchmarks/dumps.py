"""The dumps that are measured: the project's generator, record for record as it makes them.

The goals are stated for a sample of the dump of August 2020, whose releases have 4.5 kB, 9.6
edges and 27 rows besides those of images and of the tracks' artists and credits.  In the old
shape the generator's have 4.8 kB, 9.6 edges and 27 such rows; in today's shape 3.8 kB.
"""

import json
import math
import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import xxhash
from isal import isal_zlib

from common.entities import LOAD_ORDER, Entity
from common.machine import usable_cores
from config.settings import Settings, load_settings
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.splitter import Splitter
from extractor.framing.stems import fingerprint_of
from extractor.parsing.groups import Group
from extractor.selecting.identifier import Identifier
from extractor.source import Source
from generator import Plan
from generator.catalogue import Catalogue
from generator.dumps import GZIP, record_of, record_xml
from generator.plan import BLOCK, MASTERS_PER_BLOCK, PER_RELEASE, DumpShape
from generator.xml import Shape

_PLAN = Plan(changed=0.01, added=0.005, deleted=0.001, returned=0.001)
"""Shares that make about 2 % of the releases differ: those that name a merged artist do too."""

_CHUNK = 5_000  # slots of the generator per gzip member


def slots_for(entity: Entity, records: int) -> int:
    """Return how many releases a catalogue has that has so many records of an entity."""
    if entity is Entity.MASTER:
        return math.ceil(records / MASTERS_PER_BLOCK) * BLOCK
    return math.ceil(records / PER_RELEASE[entity])


@dataclass(frozen=True)
class Dump:
    """A file, the records in it and its bytes when unpacked."""

    path: Path
    entity: Entity
    records: int
    size: int

    def blocks(self) -> Iterator[bytes]:
        """Yield the dump unpacked, in blocks, as the extractor reads it."""
        with Source(self.path) as source:
            yield from iter(source.read_block, b"")

    def groups(self, least: int = 0) -> Iterator[Group]:
        """Yield the records in groups of ``least`` bytes, or as many as parse processes get."""
        identify = Identifier(self.entity).identify
        for stems in self._grouped(load_settings(), least):
            records = [RawRecord(identify(stem), fingerprint_of(stem), 0, stem) for stem in stems]
            yield Group(self.entity, RawRecords.of(self.entity, records))

    def _grouped(self, settings: Settings, least: int) -> Iterator[list[bytes]]:
        splitter = Splitter(self.entity, settings.record_limit)
        stems: list[bytes] = []
        size = 0
        for block in self.blocks():
            for _, stem in splitter.feed(block).records():
                stems.append(stem)
                size += len(stem)
                if size >= (least or settings.group_bytes):
                    yield stems
                    stems, size = [], 0
        if stems:
            yield stems


class World:
    """One generated catalogue; a dump is its first so many records in some month.

    Pieces are kept in ``folder`` and made again only when the generator has changed.
    """

    def __init__(self, folder: Path, releases: int, shape: DumpShape) -> None:
        self._plan = replace(_PLAN, releases=releases, shape=shape)
        self._folder = folder / f"{releases}-{shape}-{_generator_version()}"

    def dump(self, entity: Entity, records: int, month: int = 1) -> Dump:
        """Write a dump of about so many records; later months have their additions too."""
        plan = replace(self._plan, month=month)
        members = self._members(plan, entity, records)
        _make([member for member in members if not member.path.exists()])
        told = [json.loads(member.facts.read_text()) for member in members]
        path = self._folder / f"{entity.plural}-{records}" / plan.file_name(entity)
        tags = f"<{entity.plural}>\n".encode(), f"</{entity.plural}>\n".encode()
        _join(tags, [member.path for member in members], path)
        size = sum(one["size"] for one in told) + sum(map(len, tags))
        return Dump(path, entity, sum(one["records"] for one in told), size)

    def months(self, releases: int) -> list[Dump]:
        """Return three months' dumps of so many releases."""
        return [self.dump(Entity.RELEASE, releases, month) for month in (1, 2, 3)]

    def before_releases(self) -> list[Dump]:
        """Return the dumps that come before the releases in a run: all they can refer to."""
        return [self.dump(entity, self._plan.slots(entity, 1)) for entity in LOAD_ORDER[:-1]]

    def _members(self, plan: Plan, entity: Entity, records: int) -> list["_Member"]:
        spans = list(_chunks(0, records))
        for before in range(1, plan.month):
            first = plan.slots(entity, before)
            spans += _chunks(first, first + round(records * plan.added))
        return [_Member(self._folder, plan, entity, first, last) for first, last in spans]


@dataclass(frozen=True)
class _Member:
    """A piece of a dump: the records of the slots [first, last), gzipped."""

    folder: Path
    plan: Plan
    entity: Entity
    first: int
    last: int

    @property
    def path(self) -> Path:
        return self.folder / f"{self.entity}-{self.plan.month}-{self.first}-{self.last}.gz"

    @property
    def facts(self) -> Path:
        return self.path.with_suffix(".json")


def _make(members: list[_Member]) -> None:
    if len(members) < 2:
        list(map(_write_member, members))
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(usable_cores(), mp_context=spawn) as pool:
        list(pool.map(_write_member, members))


def _write_member(member: _Member) -> None:
    member.folder.mkdir(parents=True, exist_ok=True)
    lines = list(_lines(member))
    member.facts.write_text(json.dumps({"records": len(lines), "size": sum(map(len, lines))}))
    partial = member.path.with_suffix(".part")
    partial.write_bytes(_squeeze(b"".join(lines)))
    partial.replace(member.path)


def _lines(member: _Member) -> Iterator[bytes]:
    catalogue = Catalogue(member.plan)
    shape = Shape(member.plan.old)
    for slot in range(member.first, member.last):
        data = record_of(catalogue, member.entity, slot)
        if data is not None:
            number = catalogue.id_of(member.entity, slot)
            yield f"{record_xml(shape, member.entity, number, data)}\n".encode()


def _chunks(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last, _CHUNK):
        yield start, min(last, start + _CHUNK)


def _squeeze(data: bytes) -> bytes:
    squeeze = isal_zlib.compressobj(level=2, wbits=GZIP)
    return bytes(squeeze.compress(data) + squeeze.flush())


def _join(tags: tuple[bytes, bytes], members: list[Path], path: Path) -> None:
    """Join gzip members to one file: together they unpack to one document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(_squeeze(tags[0]))
        for member in members:
            with member.open("rb") as source:
                shutil.copyfileobj(source, file)
        file.write(_squeeze(tags[1]))


def _generator_version() -> str:
    """Return a digest of the generator's source and of its plan."""
    digest = xxhash.xxh3_64(f"{_PLAN}".encode())
    for path in sorted(Path(str(files("generator"))).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
