"""Puts dead letters back, and has records sent again by a run of the dump that is loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console

from common.broker import DeadLetter
from common.dumps import Dump, find_dumps
from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError, NotEqualError
from common.reports import Progress
from common.store import open_store
from common.store.protocol import BLOCK_SIZE
from config.settings import Settings
from extractor.journal import noted_runs
from waxline.quarantine.gathering import opened_broker
from waxline.quarantine.items import Item, Place, Rows
from waxline.run.telling import run_and_tell
from waxline.saying import say


async def replay(
    items: Sequence[Item],
    rows: Rows,
    given: Sequence[Dump],
    settings: Settings,
    console: Console,
) -> None:
    """Mend what can be mended; ``given`` are dumps that the user names.

    Raises `DumpError` before anything is done when a dump is needed and not known,
    `NotEqualError` when a sink does not equal its dump afterwards.
    """
    letters = [item for item in items if item.place is Place.DEAD]
    records = [item for item in items if item.place is not Place.DEAD]
    dumps = dumps_for(records, rows, given, noted_runs(settings.data_folder))
    if letters:
        await _put_back(letters, rows, settings, console)
    if dumps:
        await _forget(records, settings)
        outcomes = [
            await run_and_tell(some, settings, ["--date", str(date)], console)
            for date, some in by_date(dumps).items()
        ]
        if not all(outcome.good() for outcome in outcomes):
            raise NotEqualError("not every sink equals its dump: see above")


def dumps_for(
    records: Iterable[Item],
    rows: Rows,
    given: Sequence[Dump],
    readings: Mapping[int, Progress],
) -> list[Dump]:
    """Return the dump of each entity that has records to send: named, else the one loaded last.

    Raises `DumpError` when its file is not known or is gone.
    """
    wanted: dict[Entity, list[Item]] = {}
    for item in records:
        if item.entity:
            wanted.setdefault(item.entity, []).append(item)
    named = {dump.entity: dump for dump in given}
    return [
        named.get(entity) or _loaded_dump(entity, wanted[entity], rows, readings)
        for entity in LOAD_ORDER
        if entity in wanted
    ]


def _loaded_dump(
    entity: Entity, items: Sequence[Item], rows: Rows, readings: Mapping[int, Progress]
) -> Dump:
    last = max((row.run for of in rows.values() if (row := of.get(entity))), default=0)
    newest = max(items, key=lambda item: item.run)
    reading = readings.get(max(last, newest.run)) or readings.get(last)
    file = reading["file"] if reading else newest.file
    date = reading["dump"] if reading else newest.dump
    if not file or not Path(file).is_file():
        what = f"{file} is gone" if file else "it is not known which file was loaded"
        raise DumpError(f"{entity.plural}: {what}: --dump names the dump")
    return find_dumps([Path(file)], date)[0]


async def _put_back(
    letters: Sequence[Item], rows: Rows, settings: Settings, console: Console
) -> None:
    by_sink: dict[str, list[Item]] = {}
    for item in letters:
        by_sink.setdefault(item.sink, []).append(item)
    async with opened_broker(settings) as broker:
        for sink, items in by_sink.items():
            sources = [item.source for item in items]
            keys = [one.key for one in sources if isinstance(one, DeadLetter) and one.entity]
            await broker.replay_dead_letters(sink, keys)
            for sentence in _told(sink, items, rows):
                say(console, sentence)


def _told(sink: str, items: Sequence[Item], rows: Rows) -> Iterable[str]:
    fates = Counter(_fate(item, rows) for item in items)
    for fate, count in fates.items():
        yield f"{sink}: {count:,} {'message' if count == 1 else 'messages'} {fate}"


def _fate(item: Item, rows: Rows) -> str:
    if item.entity is None:
        return "stay: nobody knows the queue they came from"
    row = rows.get(item.sink, {}).get(item.entity)
    if row and item.run and item.run < row.run:
        return "back in the queue, of a run that another has followed: the loader drops such"
    return "back in the queue, for a loader to take: `waxline load`, if none is at work"


async def _forget(records: Iterable[Item], settings: Settings) -> None:
    """Have the next run send these records whatever they were."""
    store = open_store(settings)
    try:
        for entity in Entity:
            ids = (item.id for item in records if item.entity is entity)
            blocks = {record_id // BLOCK_SIZE for record_id in ids if record_id is not None}
            await store.forget_fingerprints(entity, blocks)
    finally:
        await store.close()


def by_date(dumps: Iterable[Dump]) -> dict[int, list[Dump]]:
    """Return dumps that the extractor can read at once, as it is told one date for all of them."""
    found: dict[int, list[Dump]] = {}
    for dump in dumps:
        found.setdefault(dump.date, []).append(dump)
    return found
