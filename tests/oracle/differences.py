"""Differences between what is expected and what is found, for people to read."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Fields = Mapping[str, Any]

_SHOWN = 120
_BEFORE = 30


class Difference(NamedTuple):
    """``where`` is a table, a kind of node or of edge; ``column`` is empty for a whole row."""

    where: str
    key: Any
    column: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        place = f"{self.where} {self.key}{f' {self.column}' if self.column else ''}"
        expected, found = _shown(self.expected, self.found)
        return f"{place}:\n    expected {expected}\n    found    {found}"


def compare(
    where: str, expected: Mapping[Any, Fields], found: Mapping[Any, Fields]
) -> Iterator[Difference]:
    """Yield what differs between two sets of rows, each by its key."""
    for key in expected.keys() | found.keys():
        if key not in found:
            yield Difference(where, key, "", dict(expected[key]), "nothing")
        elif key not in expected:
            yield Difference(where, key, "", "nothing", dict(found[key]))
        else:
            yield from _compare_row(where, key, expected[key], found[key])


def by_key(where: str, rows: Iterable[Fields], key: Sequence[str]) -> dict[Hashable, Fields]:
    """Return rows by their key, without it; raise ``AssertionError`` for a key that repeats."""
    found: dict[Hashable, Fields] = {}
    for row in rows:
        value = tuple(row[column] for column in key)
        assert value not in found, f"{where} has {dict(zip(key, value, strict=True))} twice"
        found[value] = {name: item for name, item in row.items() if name not in key}
    return found


def explain(differences: Sequence[Difference], first: int = 12) -> str:
    """Return the first differences and how many there are; empty when there are none."""
    if not differences:
        return ""
    shown = sorted(differences, key=lambda one: (one.where, str(one.key), one.column))[:first]
    return "\n".join((f"{len(differences)} differences", *map(str, shown)))


def _compare_row(where: str, key: Any, expected: Fields, found: Fields) -> Iterator[Difference]:
    for column in sorted(expected.keys() | found.keys()):
        one, other = (row.get(column, "no such column") for row in (expected, found))
        if one != other or type(one) is not type(other):
            yield Difference(where, key, column, one, other)


def _shown(expected: Any, found: Any) -> tuple[str, str]:
    """Show both, long texts from a little before where they part."""
    one, other = repr(expected), repr(found)
    pairs = enumerate(zip(one, other, strict=False))
    parting = next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(0, parting - _BEFORE) if max(len(one), len(other)) > _SHOWN else 0
    return _clipped(one, start), _clipped(other, start)


def _clipped(text: str, start: int) -> str:
    end = start + _SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"
