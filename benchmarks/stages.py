"""The extractor's stages, each alone in this process: one core, nothing beside it."""

import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from benchmarks.blocks import groups, unpacked
from benchmarks.data import Dump
from benchmarks.floors import one_process
from benchmarks.measure import Figure, Timings, as_in_a_parse_process, repeat
from common.entities import Entity
from common.store import Store
from config.settings import Settings
from extractor.framing.splitter import Splitter
from extractor.parsing.groups import Group, parse
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.selector import Selector
from extractor.source import Source, read_ahead, share_interpreter
from extractor.walkers.choice import choose_walker

GROUP = "stages"
UNCHANGED_GOALS = {Entity.RELEASE: 50_000.0, Entity.ARTIST: 300_000.0}
PARSE_GOAL = 7_000.0
"""Of Python's walker, in releases."""

PARSE_SHARE = 0.8
"""Of lxml's parse alone: the compiled walker's goal."""

UNCHANGED_SHARE = 0.8
"""Of gunzip and hash on one core: the goal where nothing has changed."""

UPDATED_SHARE = 0.6
"""The same for the next month, of which 2 % of the releases have changed."""


async def split(dump: Dump, settings: Settings, repeats: int) -> Figure:
    """Measure the cutting of blocks into raw records."""
    blocks = unpacked(dump)

    async def action() -> None:
        splitter = Splitter(dump.entity, settings.record_limit, compiled=settings.compiled)
        found = sum(len(splitter.feed(block)) for block in blocks)
        assert found == dump.records, f"the splitter found {found} of {dump.records}"

    return _figure(
        dump,
        "split",
        "split",
        "raw records cut out of blocks in memory",
        await repeat(action, repeats),
    )


async def unchanged(dump: Dump, store: Store, settings: Settings, repeats: int) -> Figure:
    """Measure split, fingerprint and look-up in the store, when nothing has changed."""
    blocks = unpacked(dump)
    await _remember_all(dump, blocks, store, settings)

    async def action() -> None:
        changed = await _sort(dump, _in_memory(blocks), store, settings)
        assert not changed, f"{changed} of {dump.records} were found changed"

    figure = _figure(
        dump,
        "unchanged",
        "split, fingerprint, look up: nothing changed",
        "blocks in memory; the fingerprints are in a store of its own process",
        await repeat(action, repeats),
    )
    return replace(figure, goal=UNCHANGED_GOALS[dump.entity])


async def unchanged_from_file(dump: Dump, store: Store, settings: Settings, repeats: int) -> Figure:
    """Measure the same with gunzip in a thread beside; `unchanged` must have run before."""
    key, title = "unchanged from file", "gunzip, split, fingerprint, look up: nothing changed"
    what = "gunzip in a thread beside, as in the extractor"
    timings, changed = await _from_file(dump, store, settings, repeats)
    assert not changed, f"{changed} of {dump.records} were found changed"
    return _beside_gunzip(_figure(dump, key, title, what, timings), dump)


async def updated_from_file(dump: Dump, store: Store, settings: Settings, repeats: int) -> Figure:
    """Measure it for the next month's dump, the records that have changed parsed and encoded."""
    timings, changed = await _from_file(dump, store, settings, repeats)
    assert changed, f"none of {dump.records} was found changed"
    what = "the same; what has changed is parsed here, not in a parse process"
    title = f"gunzip, split, fingerprint, look up: {changed / dump.records:.1%} changed"
    return _beside_gunzip(_figure(dump, "updated from file", title, what, timings), dump)


async def _from_file(
    dump: Dump, store: Store, settings: Settings, repeats: int
) -> tuple[Timings, int]:
    """Return how long a dump took each time, and how many of its records had changed."""
    changed = 0

    async def action() -> None:
        nonlocal changed
        interval = sys.getswitchinterval()
        share_interpreter()
        try:
            with Source(dump.path) as source:
                async with aclosing(read_ahead(source)) as blocks:
                    changed = await _sort(dump, blocks, store, settings)
        finally:
            sys.setswitchinterval(interval)

    return await repeat(action, repeats), changed


def _beside_gunzip(figure: Figure, dump: Dump) -> Figure:
    floors = [*figure.floors, f"{GROUP}: gunzip and hash {dump.entity.plural}"]
    return replace(figure, floors=floors)


async def _in_memory(blocks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


async def to_records(
    dump: Dump, settings: Settings, repeats: int, *, compiled: bool = True
) -> Figure:
    """Measure what a parse process does: lxml, walk, encode."""
    ready = list(groups(dump.entity, unpacked(dump), settings))
    walker = choose_walker(compiled=compiled)

    async def action() -> None:
        with as_in_a_parse_process():
            found = sum(len(part) for group in ready for part in parse(group, walker).positions)
        assert found == dump.records, f"{found} of {dump.records} were parsed"

    timings = await repeat(action, repeats)
    figure = _figure(
        dump,
        "parse" if compiled else "parse in Python",
        f"parse to records, encoded, {'compiled' if walker else 'Python'} walker",
        "raw records in groups to JSON batches, as in a parse process",
        timings,
    )
    alone = [f"{GROUP}: {what} {dump.entity.plural}" for what in ("iterparse", "lxml parse")]
    return replace(figure, floors=alone)


async def _remember_all(
    dump: Dump, blocks: Sequence[bytes], store: Store, settings: Settings
) -> None:
    splitter, fingerprints, selector = _parts(dump.entity, store, settings)
    for block in blocks:
        selected = await selector.select(splitter.feed(block))
        for records in selected.changed:
            fingerprints.confirm(records.ids)
        await fingerprints.flush_some()
    await fingerprints.flush()


async def _sort(dump: Dump, blocks: AsyncIterator[bytes], store: Store, settings: Settings) -> int:
    """Sort a dump's records, and parse and encode those that have changed; return how many."""
    splitter, _, selector = _parts(dump.entity, store, settings)
    walker = choose_walker(compiled=settings.compiled)
    unchanged = changed = 0
    async for block in blocks:
        selected = await selector.select(splitter.feed(block))
        unchanged += selected.unchanged
        for records in selected.changed:
            parsed = parse(Group(dump.entity, records), walker)
            changed += sum(map(len, parsed.positions))
    assert unchanged + changed == dump.records, f"{unchanged} and {changed} of {dump.records}"
    return changed


def _parts(
    entity: Entity, store: Store, settings: Settings
) -> tuple[Splitter, Fingerprints, Selector]:
    splitter = Splitter(entity, settings.record_limit, compiled=settings.compiled)
    fingerprints = Fingerprints(store, entity)
    selector = Selector(entity, fingerprints)
    return splitter, fingerprints, selector


def _figure(dump: Dump, key: str, title: str, what: str, timings: Timings) -> Figure:
    figure = one_process(GROUP, dump, key, title, what, timings)
    return replace(figure, floors=[f"{GROUP}: gunzip {dump.entity.plural}"])
