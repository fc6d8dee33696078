"""What nobody can go below: gunzip alone, lxml alone, COPY alone, on the same records."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import xxhash
from lxml import etree

from benchmarks.dumps import Dump
from benchmarks.figures import Figure
from benchmarks.turns import Action, Stage, Stopwatch
from common.allocator import keep_freed_memory
from common.entities import Entity
from common.messages import decode_records
from common.postgres.database import Database
from common.records import Record
from config.settings import load_settings
from extractor.parsing.groups import Group, parse
from extractor.walkers.elements import make_parser, parse_group
from loaders.postgres import PostgresSink
from loaders.postgres.copying import copy_rows
from loaders.postgres.rows import build
from loaders.postgres.sink import DURABLE


def gunzip(group: str, dump: Dump) -> Stage:
    """Return isal's gunzip of a dump."""

    async def action(watch: Stopwatch) -> None:
        with watch:
            for _ in dump.blocks():
                pass

    what = "isal, in the extractor's blocks, nothing done with them"
    return _floor(group, "gunzip", what, dump, action)


def gunzip_and_hash(group: str, dump: Dump) -> Stage:
    """Return the least that tells whether a dump has changed: gunzip, and a hash of it all."""

    async def action(watch: Stopwatch) -> None:
        with watch:
            for block in dump.blocks():
                xxhash.xxh3_64_intdigest(block)

    return _floor(group, "gunzip and hash", "isal and xxh3, both on one core", dump, action)


def iterparse(group: str, dump: Dump) -> Stage:
    """Return lxml's iterparse of a dump unpacked in memory, each record dropped at its end."""
    text = b"".join(dump.blocks())

    async def action(watch: Stopwatch) -> None:
        with watch:
            found = _drop_all(text, dump.entity)
        assert found == dump.records, f"iterparse found {found} of {dump.records}"

    what = "from memory, each element cleared at its end, no field read"
    return _floor(group, "lxml iterparse", what, dump, action)


def _drop_all(text: bytes, entity: Entity) -> int:
    found = 0
    for _, element in etree.iterparse(BytesIO(text), tag=entity.value):
        if element.getparent().getparent() is not None:  # a label inside of a label
            continue
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
        found += 1
    return found


def lxml_parse(group: str, dump: Dump) -> Stage:
    """Return lxml's parse of groups of records under a root, as a parse process does it.

    Groups are cut while the clock stands still, so that the dump is never in memory whole.
    """

    async def action(watch: Stopwatch) -> None:
        found = 0
        with as_in_a_parse_process():
            for records in dump.groups():
                with watch:
                    found += _parsed(records)
        assert found == dump.records, f"lxml found {found} of {dump.records}"

    what = "groups of records under one root, from memory, nothing read"
    return _floor(group, "lxml parse", what, dump, action)


@contextmanager
def as_in_a_parse_process() -> Iterator[None]:
    """Have no collector, and keep freed memory; the latter lasts."""
    gc.disable()
    keep_freed_memory()
    try:
        yield
    finally:
        gc.enable()


def of_a_load(group: str, dump: Dump) -> list[Stage]:
    """Return the floors of a dump that goes through the whole pipeline."""
    return [gunzip(group, dump), lxml_parse(group, dump)]


def _parsed(group: Group) -> int:
    """Parse a group into a tree, and drop it."""
    tree = parse_group(group.records.text, len(group.records), make_parser())
    return 0 if tree is None else len(tree)


async def copy(group: str, dump: Dump, url: str) -> list[Figure]:
    """Measure binary COPY alone of a dump's rows, and the building of the indexes alone.

    The rows of a batch are made before its clock runs; one session, a transaction per batch.
    """
    settings = load_settings(postgres_url=url)
    sink = PostgresSink(settings.sink("postgres"))
    database = Database(settings.server("postgres"), 1, DURABLE)
    copying, indexing = Stopwatch(), Stopwatch()
    await sink.open()
    await database.open()
    try:
        for records in _batches(dump, settings.postgres_batch):
            await _copy(database, dump.entity, records, copying)
        with indexing:
            await sink.content.prepare(dump.entity)
    finally:
        await database.close()
        await sink.close()
    return [
        _clocked(group, "binary COPY", "rows made beforehand, one session", dump, copying),
        _clocked(group, "index build", "and ANALYZE, after the COPY", dump, indexing),
    ]


async def _copy(
    database: Database, entity: Entity, records: list[Record], watch: Stopwatch
) -> None:
    rows = build(entity, records, 20260101)
    with watch:
        async with database.transaction() as session:
            await copy_rows(session, entity, rows, document=False)
    del rows
    gc.collect()


def _batches(dump: Dump, least: int) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for group in dump.groups():
        for body in parse(group).bodies:
            batch += decode_records(body)
        if len(batch) >= least:
            yield batch
            batch = []
    if batch:
        yield batch


def _floor(group: str, name: str, what: str, dump: Dump, action: Action) -> Stage:
    return Stage(group, name, f"floor: {name} alone", what, dump, action)


def _clocked(group: str, name: str, what: str, dump: Dump, watch: Stopwatch) -> Figure:
    stage = Stage(group, name, f"floor: {name} alone", what, dump)
    stage.watches.append(watch)
    return stage.figure
