"""A month of dumps: the files, and what is in them."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, assert_never, cast

from isal import isal_zlib

from common.entities import LOAD_ORDER, Entity
from common.records import Artist, Label, Master, RecordData, Release
from generator.artists import artist
from generator.catalogue import Catalogue
from generator.labels import label
from generator.masters import master
from generator.plan import Plan
from generator.randomness import Purpose, mix
from generator.releases import release
from generator.write_names import artist_xml, label_xml, master_xml
from generator.write_releases import release_xml
from generator.xml import Shape

GZIP = 31
"""zlib's ``wbits`` for a gzip header and trailer."""

UNSORTED = 64
"""Masters of the old shape come in blocks of so many, each in an order of its own."""


@dataclass(frozen=True)
class Written:
    """A file that was written; ``records`` is None for the list of checksums."""

    path: Path
    records: int | None


def truth(plan: Plan, entity: Entity) -> Iterator[tuple[int, RecordData]]:
    """Yield id and record in file order, as a faithful walker has to read them."""
    return _records(Catalogue(plan), entity)


def _records(catalogue: Catalogue, entity: Entity) -> Iterator[tuple[int, RecordData]]:
    for slot in _file_order(catalogue, entity):
        data = record_of(catalogue, entity, slot)
        if data is not None:
            yield catalogue.id_of(entity, slot), data


def _file_order(catalogue: Catalogue, entity: Entity) -> Iterator[int]:
    """Slots in the order of the file: ids ascend, but not in old dumps of masters."""
    slots = range(catalogue.lives.slots(entity))
    if not catalogue.plan.old or entity is not Entity.MASTER:
        yield from slots
        return
    seed = catalogue.plan.seed
    for first in range(0, len(slots), UNSORTED):
        block = slots[first : first + UNSORTED]
        yield from sorted(block, key=lambda slot: mix(seed, Purpose.ORDER, 0, slot))


def record_of(catalogue: Catalogue, entity: Entity, slot: int) -> RecordData | None:
    """Make one record, or nothing when it is not there this month."""
    if slot >= catalogue.lives.slots(entity):
        return None
    life = catalogue.lives.life(entity, slot)
    if not life.alive:
        return None
    match entity:
        case Entity.ARTIST:
            return artist(catalogue, slot, life.edits)
        case Entity.LABEL:
            return label(catalogue, slot, life.edits)
        case Entity.MASTER:
            return master(catalogue, slot, life.edits)
        case Entity.RELEASE:
            return release(catalogue, slot, life.edits)
        case _:
            assert_never(entity)


def record_xml(shape: Shape, entity: Entity, number: int, data: RecordData) -> str:
    """Write one record as the dump does, without the line's end."""
    match entity:
        case Entity.ARTIST:
            return artist_xml(shape, number, cast("Artist", data))
        case Entity.LABEL:
            return label_xml(shape, number, cast("Label", data))
        case Entity.MASTER:
            return master_xml(shape, number, cast("Master", data))
        case Entity.RELEASE:
            return release_xml(shape, number, cast("Release", data))
        case _:
            assert_never(entity)


def write_dumps(plan: Plan, directory: Path) -> list[Path]:
    """Write the month's four dumps and, last, their checksums; return the paths in that order.

    The directory is made if need be.  Each file appears whole, under its name, or not at all.
    Raises ``OSError`` when a file cannot be written.
    """
    return [file.path for file in write_files(plan, directory)]


def write_files(plan: Plan, directory: Path) -> list[Written]:
    """Do as ``write_dumps`` and tell the number of records in each file as well."""
    directory.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue(plan)
    dumps = [_write_dump(catalogue, entity, directory) for entity in LOAD_ORDER]
    checksums = directory / plan.checksum_name
    with _appearing(checksums) as file:
        for dump in dumps:
            file.write(f"{_sha256(dump.path)} {dump.path.name}\n".encode())
    return [*dumps, Written(checksums, None)]


def _write_dump(catalogue: Catalogue, entity: Entity, directory: Path) -> Written:
    path = directory / catalogue.plan.file_name(entity)
    shape = Shape(catalogue.plan.old)
    count = 0
    # This gzip header has neither time nor name: the same plan gives the same bytes.
    squeeze = isal_zlib.compressobj(level=2, wbits=GZIP)
    with _appearing(path) as file:
        file.write(squeeze.compress(f"<{entity.plural}>\n".encode()))
        for number, data in _records(catalogue, entity):
            count += 1
            line = f"{record_xml(shape, entity, number, data)}\n"
            file.write(squeeze.compress(line.encode()))
        file.write(squeeze.compress(f"</{entity.plural}>\n".encode()))
        file.write(squeeze.flush())
    return Written(path, count)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when it is complete."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
