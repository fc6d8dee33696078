"""Tables as lines of text: for a program to read, or fitted to a terminal."""

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

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
    head: Sequence[str], rows: Iterable[Sequence[str]], *, names: int, width: int | None
) -> list[str]:
    """Return a table, numbers flush right, whose first ``names`` columns say what a row is of.

    Where it is wider than ``width`` characters (None: of no matter), each row is told in words,
    so that no number is cut.
    """
    table = list(rows)
    lines = list(columns([head, *table], right=range(names, len(head))))
    if width is None or max(map(len, lines)) <= width:
        return lines
    return [line for row in table for line in _told(head, row, names, width)]


def _told(head: Sequence[str], row: Sequence[str], names: int, width: int) -> Iterator[str]:
    yield ", ".join(row[:names])
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


def counted(count: int, one: str, more: str = "") -> str:
    """Return a number with its word: ``1 record``, ``2,000 records``."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"
