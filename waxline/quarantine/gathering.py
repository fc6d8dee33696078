"""Asks everything that may hold something back; what does not answer is told, not fatal."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.broker import Broker
from common.entities import LOAD_ORDER, Entity
from common.errors import WaxlineError
from config.sources import BadSettingsError
from extractor.quarantine import read_quarantine
from loaders.runs import RunRow
from loaders.sink import Sink
from waxline.quarantine.items import (
    Item,
    Place,
    from_file,
    from_letter,
    from_range,
    from_rejection,
    judged,
)

LETTERS_SHOWN = 1_000
"""Of each sink; more of them wait behind these."""


@dataclass(frozen=True, slots=True)
class Holders:
    """What may hold something back; each is opened when it is asked, for it may not be there."""

    sinks: Mapping[str, Callable[[], Sink]]
    broker: Callable[[], Broker]
    data_folder: Path


@dataclass(slots=True)
class Gathered:
    """Everything found, the sinks' run rows and servers, and what could not be asked."""

    items: list[Item] = field(default_factory=list)
    rows: dict[str, dict[Entity, RunRow]] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Note an error in place of raising it."""
        try:
            yield
        except (WaxlineError, BadSettingsError, OSError) as error:
            self.troubles.append(f"{what} cannot be asked: {error}")


async def gather(holders: Holders, entity: Entity | None = None) -> Gathered:
    """Return all that is left out, settled or not, in the order of entities and places."""
    found = Gathered()
    for name, open_sink in holders.sinks.items():
        with found.asking(name):
            async with looking_at(open_sink()) as sink:
                found.rows[name] = await sink.bookkeeping.run_rows() if sink else {}
                if sink:
                    found.servers[name] = sink.server
                    found.items += [*await _rejections(sink), *await _without_file(sink)]
    with found.asking("the broker"):
        async with closing(holders.broker()) as broker:
            for name in holders.sinks:
                await _letters(broker, name, found)
    with found.asking("the quarantine"):
        # Last, so that a line stands for what ranges say of the same record.
        files = [from_file(one) for one in read_quarantine(holders.data_folder)]
        found.items = [*_without_those_of(files, found.items), *files]
    kept = [one for one in found.items if entity in (None, one.entity)]
    found.items = [
        replace(item, server=found.servers.get(item.sink, ""))
        for item in sorted(judged(kept, found.rows, holders.sinks), key=_order)
    ]
    return found


@asynccontextmanager
async def looking_at(sink: Sink) -> AsyncIterator[Sink | None]:
    """Have a sink to look at, None when nothing was ever loaded into it; close it."""
    try:
        yield sink if await sink.look() else None
    finally:
        await sink.close()


@asynccontextmanager
async def closing(broker: Broker) -> AsyncIterator[Broker]:
    """Have the broker; close it."""
    try:
        yield broker
    finally:
        await broker.close()


async def _rejections(sink: Sink) -> list[Item]:
    return [
        from_rejection(sink.name, entity, one)
        for entity in LOAD_ORDER
        for one in await sink.bookkeeping.rejections(entity)
    ]


async def _without_file(sink: Sink) -> list[Item]:
    """Return what the current runs' ranges name as left out."""
    items: list[Item] = []
    for entity, row in (await sink.bookkeeping.run_rows()).items():
        ranges = await sink.bookkeeping.ranges(entity, row.run)
        named = [record_id for range_ in ranges for record_id in range_.quarantined]
        items += [from_range(entity, row, record_id) for record_id in named]
        unnamed = (ranges[0].left_out if ranges else 0) - len(named)
        items += [from_range(entity, row, None, unnamed)] if unnamed > 0 else []
    return items


async def _letters(broker: Broker, sink: str, found: Gathered) -> None:
    letters = await broker.list_dead_letters(sink, LETTERS_SHOWN)
    found.items += [from_letter(sink, letter) for letter in letters]
    more = await broker.dead_letters(sink) - len(letters) if len(letters) == LETTERS_SHOWN else 0
    if more > 0:
        found.troubles.append(f"{sink} has {more:,} more dead letters: replay some of these first")


def _without_those_of(files: Sequence[Item], items: Sequence[Item]) -> Iterator[Item]:
    """Yield items but those that a line of a file tells more about, of its run if not of its id."""
    told = {(one.entity, number, one.run) for one in files for number in (one.id, None)}
    for item in items:
        if item.place is not Place.QUARANTINE or (item.entity, item.id, item.run) not in told:
            yield item


def _order(item: Item) -> tuple[int, str, str, int, int]:
    entity = LOAD_ORDER.index(item.entity) if item.entity else len(LOAD_ORDER)
    return entity, item.place, item.sink, item.run, item.offset or item.id or 0
