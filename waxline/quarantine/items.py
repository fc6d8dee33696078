"""Records and messages that are in a dump and not in the sinks, wherever they are held."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from common.broker import DeadLetter
from common.entities import Entity
from extractor.quarantine import Quarantined
from loaders.runs import RunRow
from loaders.sink import Rejection

Rows = Mapping[str, Mapping[Entity, RunRow]]
"""The run rows of the sinks that could be asked, by sink."""

_KEY_LENGTH = 16


class Place(StrEnum):
    """Who holds it back."""

    QUARANTINE = "quarantine"
    REJECTED = "rejected"
    DEAD = "dead letter"


@dataclass(frozen=True, slots=True)
class Item:
    """A thing left out; ``id`` and ``offset`` (bytes of the XML) are None where not known.

    ``count`` is of records: a dead letter may hold many.  ``file`` is the dump's path, ``sink``
    empty for what no sink has seen; ``server`` is what the user calls it, where that could be
    asked.  ``settled`` says why it needs no mending any more.
    """

    place: Place
    sink: str
    entity: Entity | None
    id: int | None
    dump: int
    run: int
    offset: int | None
    reason: str
    source: Quarantined | Rejection | DeadLetter | None
    count: int = 1
    file: str = ""
    settled: str = ""
    server: str = ""

    @property
    def key(self) -> str:
        """What it is called: the same whenever it is listed, for as long as it is the same."""
        if isinstance(self.source, DeadLetter):
            mark: tuple[object, ...] = (self.sink, self.source.key)
        elif self.place is Place.REJECTED:
            mark = (self.sink, self.entity, self.id)
        else:
            mark = (self.entity, self.dump, self.offset, self.id)
        return hashlib.sha256(repr((self.place.value, mark)).encode()).hexdigest()[:_KEY_LENGTH]


def from_file(found: Quarantined) -> Item:
    """Return what the extractor has put aside."""
    return Item(
        place=Place.QUARANTINE,
        sink="",
        entity=found.entity,
        id=found.id,
        dump=found.dump,
        run=found.run,
        offset=found.offset,
        reason=found.reason,
        source=found,
        file=found.file,
    )


def from_range(entity: Entity, row: RunRow, record_id: int | None, count: int = 1) -> Item:
    """Return what a run's ranges say was put aside, for want of the file.

    Without an id it is all that has none, or one that the dump has twice.
    """
    reason = "left out by the extractor, whose file about it is not in this data folder"
    return Item(
        Place.QUARANTINE, "", entity, record_id, row.dump, row.run, None, reason, None, count
    )


def from_rejection(sink: str, entity: Entity, found: Rejection) -> Item:
    """Return what a sink could not hold."""
    return Item(
        place=Place.REJECTED,
        sink=sink,
        entity=entity,
        id=found.id,
        dump=found.dump,
        run=found.run,
        offset=None,
        reason=found.reason,
        source=found,
    )


def from_letter(sink: str, letter: DeadLetter) -> Item:
    """Return a message that could not be loaded; its headers may be anything."""

    def number(name: str) -> int:
        text = letter.fields.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() else 0

    return Item(
        place=Place.DEAD,
        sink=sink,
        entity=letter.entity,
        id=None,
        dump=number("dump"),
        run=number("run"),
        offset=None,
        reason=letter.reason,
        source=letter,
        count=number("count"),
    )


def judged(items: Iterable[Item], rows: Rows, sinks: Collection[str]) -> list[Item]:
    """Tell which are settled, and keep the newest of those that are the same thing.

    What a run left out is settled when every sink has completed a later one: whatever that one
    left out is in its own file.  A dead letter is settled when its sink has completed its run or
    a later one.  A rejection is there for as long as it is needed.
    """
    newest: dict[str, Item] = {}
    for item in items:
        known = newest.get(item.key)
        if known is None or known.run <= item.run:
            newest[item.key] = replace(item, settled=_settled(item, rows, sinks))
    return list(newest.values())


def _settled(item: Item, rows: Rows, sinks: Collection[str]) -> str:
    if item.entity is None or item.place is Place.REJECTED:
        return ""
    concerned = [item.sink] if item.sink else list(sinks)
    complete = [_complete_run(rows, sink, item.entity) for sink in concerned]
    # A letter's own run counts as well: complete, it has all of the letter's records.
    after = item.run - 1 if item.place is Place.DEAD and item.run else item.run
    if item.place is Place.DEAD and not item.run:
        return ""
    done = bool(complete) and min(complete) > after
    return f"run {min(complete)} is complete" if done else ""


def _complete_run(rows: Rows, sink: str, entity: Entity) -> int:
    row = rows.get(sink, {}).get(entity)
    return row.complete_run if row else 0
