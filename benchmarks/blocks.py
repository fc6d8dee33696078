"""What the stages work on, made ready in memory before any clock runs."""

from collections.abc import Iterable, Iterator

from benchmarks.data import Dump
from common.entities import Entity
from config.settings import Settings
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.splitter import Splitter
from extractor.framing.stems import fingerprint_of
from extractor.parsing.groups import Group
from extractor.selecting.identifier import Identifier
from extractor.source import Source


def unpacked(dump: Dump) -> list[bytes]:
    """Return the blocks of a dump, as the extractor reads them."""
    with Source(dump.path) as source:
        return list(iter(source.read_block, b""))


def groups(entity: Entity, blocks: Iterable[bytes], settings: Settings) -> Iterator[Group]:
    """Yield the records in groups, as parse processes get them."""
    splitter = Splitter(entity, settings.record_limit)
    identify = Identifier(entity).identify
    for stems in _grouped(splitter, blocks, settings.group_bytes):
        records = [RawRecord(identify(stem), fingerprint_of(stem), 0, stem) for stem in stems]
        yield Group(entity, RawRecords.of(entity, records))


def _grouped(splitter: Splitter, blocks: Iterable[bytes], least: int) -> Iterator[list[bytes]]:
    stems: list[bytes] = []
    size = 0
    for block in blocks:
        for _, stem in splitter.feed(block).records():
            stems.append(stem)
            size += len(stem)
            if size >= least:
                yield stems
                stems, size = [], 0
    if stems:
        yield stems
