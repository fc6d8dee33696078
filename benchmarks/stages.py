"""The extractor's stages, each alone in this process: one core, nothing beside it."""

import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

from benchmarks import goals
from benchmarks.dumps import Dump
from benchmarks.floors import as_in_a_parse_process
from benchmarks.turns import Stage, Stopwatch
from common.entities import Entity
from common.store import Store
from config.settings import load_settings
from extractor.framing.splitter import Splitter
from extractor.parsing.groups import Group, parse
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.selector import Selector
from extractor.source import Source, read_ahead, share_interpreter
from extractor.walkers import choose_walkers

_LOOK_UP = "split, fingerprint, look up"
_FROM_FILE = ("gunzip", "gunzip and hash")
"""Floors of what reads a file."""


def split(group: str, dump: Dump) -> Stage:
    """Return the cutting of blocks into raw records."""
    blocks = list(dump.blocks())

    async def action(watch: Stopwatch) -> None:
        with watch:
            splitter = _splitter(dump.entity)
            found = sum(len(splitter.feed(block)) for block in blocks)
        assert found == dump.records, f"the splitter found {found} of {dump.records}"

    what = "raw records cut out of blocks in memory"
    return Stage(group, "split", "split", what, dump, action, ("gunzip",))


def parse_to_records(group: str, dump: Dump, *, compiled: bool = True) -> Stage:
    """Return what a parse process does: lxml, walk, encode."""
    walkers = choose_walkers(compiled=compiled)

    async def action(watch: Stopwatch) -> None:
        found = 0
        with as_in_a_parse_process():
            for records in dump.groups():
                with watch:
                    found += sum(map(len, parse(records, walkers).positions))
        assert found == dump.records, f"{found} of {dump.records} were parsed"

    name = "parse" if compiled else "parse in Python"
    title = f"parse to records, encoded, {'compiled' if walkers else 'Python'} walker"
    what = "raw records in groups to JSON batches, as in a parse process"
    floors = ("lxml iterparse", "lxml parse")
    goal, share = (None, goals.PARSE_SHARE) if compiled else (goals.PARSE, 0.0)
    return Stage(group, name, title, what, dump, action, floors, goal, share)


async def unchanged(group: str, dump: Dump, store: Store) -> Stage:
    """Return split, fingerprint and look-up in the store, which is told all records first."""
    blocks = list(dump.blocks())
    await _Selecting(dump, store).remember_all()

    async def action(watch: Stopwatch) -> None:
        with watch:
            changed = await _Selecting(dump, store).sort(_in_memory(blocks))
        _check_unchanged(dump, changed)

    what = "blocks in memory; the fingerprints are in a store of its own process"
    title = f"{_LOOK_UP}: nothing changed"
    goal = goals.UNCHANGED[dump.entity]
    return Stage(group, "unchanged", title, what, dump, action, ("gunzip",), goal)


def unchanged_from_file(group: str, dump: Dump, store: Store) -> Stage:
    """Return the same with gunzip in a thread beside; `unchanged` must have been made before."""

    async def action(watch: Stopwatch) -> None:
        _check_unchanged(dump, await _from_file(dump, store, watch))

    return Stage(
        group,
        "unchanged from file",
        f"gunzip, {_LOOK_UP}: nothing changed",
        "gunzip in a thread beside, as in the extractor",
        dump,
        action,
        _FROM_FILE,
        share=goals.UNCHANGED_SHARE,
    )


def updated_from_file(group: str, dump: Dump, store: Store) -> Stage:
    """Return it for the next month's dump, the records that have changed parsed and encoded."""

    async def action(watch: Stopwatch) -> None:
        changed = await _from_file(dump, store, watch)
        assert changed, f"none of {dump.records} was found changed"
        stage.title = f"gunzip, {_LOOK_UP}: {changed / dump.records:.1%} changed"

    what = "the same; what has changed is parsed here, not in a parse process"
    share = goals.UPDATED_SHARE
    stage = Stage(group, "updated from file", "", what, dump, action, _FROM_FILE, share=share)
    return stage


def _check_unchanged(dump: Dump, changed: int) -> None:
    assert not changed, f"{changed} of {dump.records} were found changed"


async def _from_file(dump: Dump, store: Store, watch: Stopwatch) -> int:
    """Sort a dump's records as `_Selecting.sort` does, with the interpreter shared meanwhile."""
    interval = sys.getswitchinterval()
    share_interpreter()
    try:
        with watch, Source(dump.path) as source:
            async with aclosing(read_ahead(source)) as blocks:
                return await _Selecting(dump, store).sort(blocks)
    finally:
        sys.setswitchinterval(interval)


async def _in_memory(blocks: list[bytes]) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


class _Selecting:
    """The extractor's parts that tell what has changed, for one reading of a dump."""

    def __init__(self, dump: Dump, store: Store) -> None:
        self._dump = dump
        self._splitter = _splitter(dump.entity)
        self._fingerprints = Fingerprints(store, dump.entity)
        self._selector = Selector(dump.entity, self._fingerprints)

    async def remember_all(self) -> None:
        """Have the store hold the fingerprints of all records."""
        for block in self._dump.blocks():
            selected = await self._selector.select(self._splitter.feed(block))
            for records in selected.changed:
                self._fingerprints.confirm(records.ids)
            await self._fingerprints.flush_some()
        await self._fingerprints.flush()

    async def sort(self, blocks: AsyncIterator[bytes]) -> int:
        """Sort all records, and parse and encode those that have changed; return how many."""
        walkers = choose_walkers(compiled=True)
        unchanged = changed = 0
        async for block in blocks:
            selected = await self._selector.select(self._splitter.feed(block))
            unchanged += selected.unchanged
            for records in selected.changed:
                parsed = parse(Group(self._dump.entity, records), walkers)
                changed += sum(map(len, parsed.positions))
        told = f"{unchanged} and {changed} of {self._dump.records}"
        assert unchanged + changed == self._dump.records, told
        return changed


def _splitter(entity: Entity) -> Splitter:
    return Splitter(entity, load_settings().record_limit, compiled=True)
