"""From records to rows, purely, in Python: a whole batch at once, by the declaration.

Rows are made column by column, each in one comprehension: calls per row are what is slow.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import chain, repeat
from typing import Any, TypeAlias

import orjson

from common.entities import Entity
from common.errors import TerminalError
from common.records import Record
from common.records.tables import Column, Kind, Table, table_of

Row: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = dict[str, list[Row]]
"""Rows by table, the entity's own table first."""

_Values: TypeAlias = Sequence[Any]
"""Of a column, or the objects that they are taken from."""


def build(entity: Entity, records: Sequence[Record], dump: int, *, document: bool = False) -> Rows:
    """Return the rows of a batch by table, the entity's own table first.

    The columns are those of `common.records.tables`, and ``document`` last where it is kept.
    Raises `TerminalError`, naming the record, for one that is not of its entity's shape.
    """
    try:
        return _build(entity, records, dump, document=document)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        if len(records) > 1:
            for record in records:
                build(entity, [record], dump, document=document)
        name = [record.get("id") for record in records]
        raise TerminalError(f"{entity} {name} is not of its shape: {error}") from error


def _build(entity: Entity, records: Sequence[Record], dump: int, *, document: bool) -> Rows:
    own = table_of(entity, document=document)
    ids = [record["id"] for record in records]
    fingerprints = [record["fingerprint"] for record in records]
    items: list[Any] = [record["data"] for record in records]
    rows = {own.name: _rows(own, (ids, [dump] * len(ids), fingerprints), items)}
    objects = list(zip(zip(ids), items, strict=True))
    for table in own.lists:
        rows |= _of_lists(table, objects)
    return rows


def _rows(table: Table, places: Sequence[Iterable[Any]], items: _Values) -> list[Row]:
    """Return the rows of objects, given the columns that are no members of theirs."""
    members = (_values(column, items) for column in table.columns[len(places) :])
    return list(zip(*places, *members, strict=True))


def _values(column: Column, items: _Values) -> Iterable[Any]:
    if column.kind is Kind.ITEM:
        return items
    if column.kind is Kind.DOCUMENT:
        return [orjson.dumps(item).decode() for item in items]
    outer, _, key = column.key.rpartition(".")
    if outer:
        items = [item.get(outer, _NOTHING) for item in items]
    values = map(dict.get, items, repeat(key))
    return map(partial(_derived, column.derive), values) if column.derive else values


_NOTHING: dict[str, Any] = {}


@lru_cache(10_000)  # a batch has far fewer different durations than tracks
def _derived(derive: Callable[[str], int | None], text: str | None) -> int | None:
    return None if text is None else derive(text)


def _of_lists(table: Table, objects: Iterable[tuple[Row, Any]]) -> Rows:
    """Return the rows of the lists that objects have, and of the lists inside of those.

    An object comes with its own key: the record's id, and its place in the record's list.
    """
    lists = [(key, item[table.key]) for key, item in objects if table.key in item]
    if not lists:
        return {one.name: [] for one in table.flat()}
    if table.again:
        return _of_trees(table, lists)
    inner = [item for _, some in lists for item in some]
    counts = [len(some) for _, some in lists]
    numbers = [n for count in counts for n in range(1, count + 1)]
    keys = zip(*(key for key, _ in lists), strict=True)
    outer = (chain.from_iterable(map(repeat, key, counts)) for key in keys)
    return {table.name: _rows(table, (*outer, numbers), inner)}


def _of_trees(table: Table, lists: Iterable[tuple[Row, Sequence[Any]]]) -> Rows:
    """Do the same where items may have items: they are laid flat, in the order of the dump."""
    flat = [one for (of,), some in lists for one in _numbered(of, some, table.again)]
    ids, numbers, outer, items = zip(*flat, strict=True)
    rows = {table.name: _rows(table, (ids, numbers, outer), items)}
    objects = list(zip(zip(ids, numbers, strict=True), items, strict=True))
    for inner in table.lists:
        rows |= _of_lists(inner, objects)
    return rows


def _numbered(of: int, items: Sequence[Any], again: str) -> Iterable[Row]:
    """Number items from 1, those inside of items too: id, number, number of the outer one, item."""
    if any(again in item for item in items):
        return _nested(of, items, again, None, [])
    return [(of, n, None, item) for n, item in enumerate(items, 1)]


def _nested(
    of: int, items: Sequence[Any], again: str, outer: int | None, flat: list[Row]
) -> list[Row]:
    for item in items:
        n = len(flat) + 1
        flat.append((of, n, outer, item))
        _nested(of, item.get(again, ()), again, n, flat)
    return flat
