"""What differs between a record as it must be held and as it is, for people to read: pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from common.entities import Entity

Fields = Mapping[str, Any]

_SHOWN = 120
_BEFORE = 30
_OURS = ("fingerprint", "dump")
"""Columns that no dump has."""


class Absent(Enum):
    """What stands for something that is not there."""

    NOTHING = "nothing"

    def __repr__(self) -> str:
        return self.value


NOTHING = Absent.NOTHING


class Text(str):
    """A value that is shown as it stands."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


Edge: TypeAlias = tuple[str, str, Fields]
"""An edge's type, the node it leads to as text, its properties."""


class Part(NamedTuple):
    """What differs within a record.

    ``where`` is a table, a label or an edge type; ``place`` says which of several rows or
    edges; ``column`` is empty for a whole row or edge.
    """

    where: str
    place: str
    column: str
    expected: Any
    found: Any


Parts: TypeAlias = dict[int, list[Part]]
"""What differs, by record id; a record without a difference has no entry."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a record of a sink; its text is some short lines."""

    sink: str
    entity: Entity
    id: int
    part: Part

    def __str__(self) -> str:
        part = self.part
        words = [f"{self.entity} {self.id}", f"{part.where} {part.place}".strip(), part.column]
        place = ", ".join([self.sink, *dict.fromkeys(word for word in words if word)])
        expected, found = _shown(part.expected, part.found)
        return f"{place}:\n    expected {expected}\n    found    {found}"


def compare_fields(where: str, place: str, expected: Fields, found: Fields) -> Iterator[Part]:
    """Yield the fields that differ, in value or in type; None is a value."""
    for name in sorted(expected.keys() | found.keys()):
        one, other = expected.get(name, NOTHING), found.get(name, NOTHING)
        if repr(one) != repr(other):
            yield Part(where, place, name, one, other)


def compare_rows(
    where: str, key: Sequence[str], expected: Iterable[Fields], found: Iterable[Fields]
) -> Iterator[Part]:
    """Yield what differs between rows that belong together by the columns ``key``.

    Rows of one key are compared in their order: a table may have lost its unique index.
    """
    ours, theirs = _by_key(key, expected), _by_key(key, found)
    for values in sorted(ours.keys() | theirs.keys()):
        place = ", ".join(f"{name} {value}" for name, value in zip(key, values, strict=True))
        one, other = ours.get(values, []), theirs.get(values, [])
        for mine, yours in zip(one, other, strict=False):
            yield from compare_fields(where, place, mine, yours)
        for row in one[len(other) :]:
            yield Part(where, place, "", _said(row, key), NOTHING)
        for row in other[len(one) :]:
            yield Part(where, place, "", NOTHING, _said(row, key))


def compare_bags(expected: Iterable[Edge], found: Iterable[Edge]) -> Iterator[Part]:
    """Yield what is in one of two unordered bags and not, or not as often, in the other.

    Fields without a value count as absent.
    """
    ours, theirs = Counter(map(_exactly, expected)), Counter(map(_exactly, found))
    for where, place, fields in sorted((ours - theirs).elements()):
        yield Part(where, place, "", fields, NOTHING)
    for where, place, fields in sorted((theirs - ours).elements()):
        yield Part(where, place, "", NOTHING, fields)


def _exactly(edge: Edge) -> tuple[str, str, Text]:
    """Return an edge as texts: they tell 1 from True and from 1.0."""
    where, place, fields = edge
    said = {name: fields[name] for name in sorted(fields) if fields[name] is not None}
    return where, place, in_words(said)


def _by_key(key: Sequence[str], rows: Iterable[Fields]) -> dict[tuple[int, ...], list[Fields]]:
    found: defaultdict[tuple[int, ...], list[Fields]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in key)].append(row)
    return found


def _said(row: Fields, key: Sequence[str]) -> Text:
    """Return what a row says, without its key, what is empty, and what is ours in it."""
    left_out = {*key, *_OURS}
    said = {name: value for name, value in row.items() if name not in left_out}
    return in_words({name: value for name, value in said.items() if value is not None})


def in_words(fields: Fields) -> Text:
    """Return fields as people read them: ``title 'T', year 1999``."""
    return Text(", ".join(f"{name} {value!r}" for name, value in fields.items()) or "one")


def _shown(expected: Any, found: Any) -> tuple[str, str]:
    """Show both, long texts from a little before where they part."""
    one, other = repr(expected), repr(found)
    if max(len(one), len(other)) <= _SHOWN:
        return one, other
    places = enumerate(zip(one, other, strict=False))
    parting = next((i for i, (a, b) in places if a != b), min(len(one), len(other)))
    start = max(0, parting - _BEFORE)
    return _clipped(one, start), _clipped(other, start)


def _clipped(text: str, start: int) -> str:
    end = start + _SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"
