"""The dumps that are measured: the project's generator, record for record as it makes them.

The goals are stated for a sample of the dump of August 2020, whose releases have 4.5 kB, 9.6
edges and 27 rows besides those of images and of the tracks' artists and credits.  In the old
shape the generator's have 4.8 kB, 9.6 edges and 27 such rows; in today's shape 3.8 kB.
"""

import json
import math
import multiprocessing
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import xxhash
from isal import isal_zlib

from common.entities import Entity
from common.machine import usable_cores
from common.records import RecordData
from generator import Plan
from generator.artists import artist
from generator.catalogue import Catalogue
from generator.dumps import GZIP, record_xml
from generator.labels import label
from generator.masters import master
from generator.plan import BLOCK, MASTERS_PER_BLOCK, PER_RELEASE, DumpShape
from generator.releases import release
from generator.xml import Shape

_PLAN = Plan(changed=0.01, added=0.005, deleted=0.001, returned=0.001)
"""Shares that make about 2 % of the releases differ: those that name a merged artist do too."""

_CHUNK = 5_000  # slots of the generator per gzip member

_MAKERS: Mapping[Entity, Callable[[Catalogue, int, tuple[int, ...]], RecordData]] = {
    Entity.ARTIST: artist,
    Entity.LABEL: label,
    Entity.MASTER: master,
    Entity.RELEASE: release,
}


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


class World:
    """One generated catalogue; a dump is its first so many records in some month.

    Pieces are kept in ``folder`` and made again only when the generator has changed.
    """

    def __init__(self, folder: Path, releases: int, artists: int, shape: DumpShape) -> None:
        slots = max(releases, int(artists / PER_RELEASE[Entity.ARTIST]) + 1)
        self._plan = replace(_PLAN, releases=slots, shape=shape)
        self._folder = folder / f"{slots}-{shape}-{_generator_version()}"

    @property
    def releases(self) -> int:
        """How many releases the catalogue has."""
        return self._plan.releases

    def dump(self, entity: Entity, records: int, month: int = 1) -> Dump:
        """Write a dump of about so many records; later months have their additions too."""
        plan = replace(self._plan, month=month)
        members = self._members(plan, entity, records)
        self._make([member for member in members if not member.path.exists()])
        told = [json.loads(member.facts.read_text()) for member in members]
        path = self._folder / f"{entity.plural}-{records}" / plan.file_name(entity)
        _join(entity, [member.path for member in members], path)
        return Dump(
            path,
            entity,
            sum(one["records"] for one in told),
            sum(one["size"] for one in told) + len(_opening(entity)) + len(_closing(entity)),
        )

    def whole(self, entity: Entity) -> Dump:
        """Write a dump of all records of an entity that the world's releases can refer to."""
        return self.dump(entity, self._plan.slots(entity, 1))

    def _members(self, plan: Plan, entity: Entity, records: int) -> list["_Member"]:
        spans = list(_chunks(0, records))
        for before in range(1, plan.month):
            first = plan.slots(entity, before)
            spans += _chunks(first, first + round(records * plan.added))
        return [_Member(self._folder, plan, entity, first, last) for first, last in spans]

    def _make(self, members: list["_Member"]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if len(members) < 2:
            for member in members:
                _write_member(member)
            return
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(usable_cores(), mp_context=spawn) as pool:
            list(pool.map(_write_member, members))


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


def _write_member(member: _Member) -> None:
    lines = list(_lines(member))
    size = sum(map(len, lines))
    member.facts.write_text(json.dumps({"records": len(lines), "size": size}))
    partial = member.path.with_suffix(".part")
    partial.write_bytes(_squeeze(b"".join(lines)))
    partial.replace(member.path)


def _lines(member: _Member) -> Iterator[bytes]:
    catalogue = Catalogue(member.plan)
    shape = Shape(member.plan.old)
    for slot in range(member.first, member.last):
        data = _record(catalogue, member.entity, slot)
        if data is not None:
            number = catalogue.id_of(member.entity, slot)
            yield f"{record_xml(shape, member.entity, number, data)}\n".encode()


def _record(catalogue: Catalogue, entity: Entity, slot: int) -> RecordData | None:
    life = catalogue.lives.life(entity, slot)
    return _MAKERS[entity](catalogue, slot, life.edits) if life.alive else None


def _chunks(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last, _CHUNK):
        yield start, min(last, start + _CHUNK)


def _squeeze(data: bytes) -> bytes:
    squeeze = isal_zlib.compressobj(level=2, wbits=GZIP)
    return bytes(squeeze.compress(data) + squeeze.flush())


def _opening(entity: Entity) -> bytes:
    return f"<{entity.plural}>\n".encode()


def _closing(entity: Entity) -> bytes:
    return f"</{entity.plural}>\n".encode()


def _join(entity: Entity, members: list[Path], path: Path) -> None:
    """Join gzip members to one file: together they unpack to one document."""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(_squeeze(_opening(entity)))
        for member in members:
            with member.open("rb") as source:
                shutil.copyfileobj(source, file)
        file.write(_squeeze(_closing(entity)))


def _generator_version() -> str:
    """Return a digest of the generator's source and of its plan."""
    digest = xxhash.xxh3_64(f"{_PLAN}".encode())
    folder = Path(str(files("waxline"))) / "generator"
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
