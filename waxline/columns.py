"""Tables as lines of text: for a program to read, or fitted to a terminal."""

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

_GAP = "  "
_INDENT = "    "


def columns(rows: Iterable[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Yield lines with columns of one width each, those at ``right`` flush right.

    They are not fitted to the terminal: a program may read them.
    """
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield _GAP.join(cells).rstrip()


def fitted(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    names: int,
    width: int | None,
    right: Collection[int] | None = None,
) -> list[str]:
    """Return a table whose first ``names`` columns say what a row is of.

    The columns at ``right`` are flush right, all others than the names if nothing is said.  Where
    it is wider than ``width`` characters (None: of no matter), each row is told in words, so that
    no number is cut.
    """
    table = list(rows)
    lines = list(columns([head, *table], range(names, len(head)) if right is None else right))
    if width is None or max(map(len, lines)) <= width:
        return lines
    return [line for row in table for line in _told(head, row, names, width)]


def _told(head: Sequence[str], row: Sequence[str], names: int, width: int) -> Iterator[str]:
    if name := ", ".join(filter(None, row[:names])):
        yield name
    pairs = zip(head[names:], row[names:], strict=True)
    words = ", ".join(f"{name} {value}".strip() for name, value in pairs if value)
    yield from textwrap.wrap(
        words,
        width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def said_once(told: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Yield each sentence once, with the entities and the servers of which it is told.

    ``told`` are entity, server and sentence of each.
    """
    by_sentence: dict[str, dict[str, list[str]]] = {}
    for entity, server, sentence in told:
        by_sentence.setdefault(sentence, {}).setdefault(entity, []).append(server)
    for sentence, servers in by_sentence.items():
        for same, entities in groupby(servers, servers.__getitem__):
            yield f"{_listed(same)}, {_listed(entities)}: {sentence}"


def _listed(words: Iterable[str]) -> str:
    """Return words as one says them: ``a``, ``a and b``, ``a, b and c``."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
