"""Puts dead letters back, and finds the dump whose run sends records again."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path

from common.broker import Broker, DeadLetter
from common.dumps import Dump, find_dumps
from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError
from common.reports import Progress
from common.store import Store
from common.store.protocol import BLOCK_SIZE
from waxline.quarantine.items import Item, Rows


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


async def put_back(letters: Iterable[Item], rows: Rows, broker: Broker) -> AsyncIterator[str]:
    """Put letters back into the queues they came from; yield what to say of those of a sink."""
    by_sink: dict[str, list[Item]] = {}
    for item in letters:
        by_sink.setdefault(item.sink, []).append(item)
    for sink, items in by_sink.items():
        sources = [item.source for item in items]
        keys = [one.key for one in sources if isinstance(one, DeadLetter) and one.entity]
        await broker.replay_dead_letters(sink, keys)
        for sentence in _told(sink, items, rows):
            yield sentence


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


async def forget(records: Sequence[Item], store: Store) -> None:
    """Have the next run send these records whatever they were."""
    for entity in Entity:
        ids = (item.id for item in records if item.entity is entity)
        blocks = {record_id // BLOCK_SIZE for record_id in ids if record_id is not None}
        await store.forget_fingerprints(entity, blocks)


def by_date(dumps: Iterable[Dump]) -> dict[int, list[Dump]]:
    """Return dumps that the extractor can read at once, as it is told one date for all of them."""
    found: dict[int, list[Dump]] = {}
    for dump in dumps:
        found.setdefault(dump.date, []).append(dump)
    return found
