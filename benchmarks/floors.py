"""What nobody can go below: gunzip alone, lxml alone, COPY alone, on the same records."""

import gc
from collections.abc import Iterator
from io import BytesIO

import xxhash
from lxml import etree

from benchmarks.blocks import groups, unpacked
from benchmarks.data import Dump
from benchmarks.measure import Figure, Stopwatch, Timings, as_in_a_parse_process, repeat
from common.entities import Entity
from common.messages import decode_records
from common.records import Record
from config.settings import Settings, load_settings
from extractor.parsing.groups import Group, parse
from extractor.source import Source
from extractor.walkers.elements import make_parser, parse_group
from loaders.postgres import PostgresSink
from loaders.postgres.copying import copy_rows
from loaders.postgres.database import Database
from loaders.postgres.rows import build


async def gunzip(group: str, dump: Dump, repeats: int) -> Figure:
    """Measure isal's gunzip of a dump, read in the extractor's blocks and thrown away."""

    async def action() -> None:
        with Source(dump.path) as source:
            while source.read_block():
                pass

    timings = await repeat(action, repeats)
    return _floor(
        group,
        dump,
        "gunzip",
        "gunzip",
        "isal, in the extractor's blocks, nothing done with them",
        timings,
    )


async def gunzip_and_hash(group: str, dump: Dump, repeats: int) -> Figure:
    """Measure the least that tells whether a dump has changed: gunzip, and a hash of it all."""

    async def action() -> None:
        with Source(dump.path) as source:
            while block := source.read_block():
                xxhash.xxh3_64_intdigest(block)

    timings = await repeat(action, repeats)
    return _floor(
        group,
        dump,
        "gunzip and hash",
        "gunzip and hash",
        "isal and xxh3, both on one core",
        timings,
    )


async def iterparse(group: str, dump: Dump, repeats: int) -> Figure:
    """Measure lxml's iterparse of a dump unpacked in memory, each record dropped at its end."""
    text = b"".join(unpacked(dump))

    async def action() -> None:
        found = _drop_all(text, dump.entity)
        assert found == dump.records, f"iterparse found {found} of {dump.records}"

    timings = await repeat(action, repeats)
    return _floor(
        group,
        dump,
        "iterparse",
        "lxml iterparse",
        "from memory, each element cleared at its end, no field read",
        timings,
    )


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


async def parse_alone(group: str, dump: Dump, settings: Settings, repeats: int) -> Figure:
    """Measure lxml's parse of groups of records under a root, as a parse process does it."""
    ready = list(groups(dump.entity, unpacked(dump), settings))

    async def action() -> None:
        with as_in_a_parse_process():
            found = sum(map(parsed, ready))
        assert found == dump.records, f"lxml found {found} of {dump.records}"

    return _parse_figure(group, dump, await repeat(action, repeats))


async def of_a_load(group: str, dump: Dump, repeats: int) -> list[Figure]:
    """Measure gunzip alone and lxml's parse alone of a dump of any size."""
    return [
        await gunzip(group, dump, repeats),
        _parse_from_file(group, dump, load_settings(), repeats),
    ]


def _parse_from_file(group: str, dump: Dump, settings: Settings, repeats: int) -> Figure:
    """Measure lxml's parse as `parse_alone` does.

    Groups are cut while the clock stands still, so that the dump is never in memory whole.
    """
    timings = Timings()
    with as_in_a_parse_process():
        for _ in range(repeats):
            watch = _parse_all(dump, settings)
            timings.wall.append(watch.wall)
            timings.cpu.append(watch.cpu)
    return _parse_figure(group, dump, timings)


def _parse_all(dump: Dump, settings: Settings) -> Stopwatch:
    found, watch = 0, Stopwatch()
    with Source(dump.path) as source:
        for group in groups(dump.entity, iter(source.read_block, b""), settings):
            with watch:
                found += parsed(group)
    assert found == dump.records, f"lxml found {found} of {dump.records}"
    return watch


def _parse_figure(group: str, dump: Dump, timings: Timings) -> Figure:
    """Return how long lxml's parse took."""
    return _floor(
        group,
        dump,
        "lxml parse",
        "lxml parse",
        "groups of records under one root, from memory, nothing read",
        timings,
    )


def parsed(group: Group) -> int:
    """Parse a group into a tree, and drop it."""
    tree = parse_group(group.records.text, len(group.records), make_parser())
    return 0 if tree is None else len(tree)


async def copy(dump: Dump, settings: Settings) -> list[Figure]:
    """Measure binary COPY alone of a dump's rows, and the building of the indexes alone.

    The rows of a batch are made before its clock runs; one session, a transaction per batch.
    """
    sink, database = PostgresSink(settings), Database(settings)
    copying, indexing = Stopwatch(), Stopwatch()
    await sink.open()
    await database.open()
    try:
        for records in _batches(dump, settings):
            rows = build(dump.entity, records, 20260101)
            with copying:
                async with database.transaction() as session:
                    await copy_rows(session, dump.entity, rows, document=False)
            del rows
            gc.collect()
        with indexing:
            await sink.prepare(dump.entity)
    finally:
        await database.close()
        await sink.close()
    return [
        _copied(dump, "copy", "binary COPY alone", "rows made beforehand, one session", copying),
        _copied(dump, "index", "index build alone", "and ANALYZE, after the COPY", indexing),
    ]


def _batches(dump: Dump, settings: Settings) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for group in groups(dump.entity, unpacked(dump), settings):
        for body in parse(group).bodies:
            batch += decode_records(body)
        if len(batch) >= settings.postgres_batch:
            yield batch
            batch = []
    if batch:
        yield batch


def _floor(group: str, dump: Dump, key: str, title: str, what: str, timings: Timings) -> Figure:
    return one_process(group, dump, key, f"floor: {title} alone", what, timings)


def one_process(
    group: str, dump: Dump, key: str, title: str, what: str, timings: Timings
) -> Figure:
    """Return as a figure what one process did with a whole dump, again and again."""
    return Figure(
        key=f"{group}: {key} {dump.entity.plural}",
        group=group,
        title=f"{title}, {dump.entity.plural}",
        what=what,
        records=dump.records,
        size=dump.size,
        seconds=timings.wall,
        cpu={"one process": min(timings.cpu)},
    )


def _copied(dump: Dump, key: str, title: str, what: str, watch: Stopwatch) -> Figure:
    return Figure(
        key=f"postgres: {key}",
        group="postgres",
        title=f"floor: {title}, {dump.entity.plural}",
        what=what,
        records=dump.records,
        size=dump.size,
        seconds=[watch.wall],
        cpu={"client": watch.cpu},
    )
