"""What the user sees: lines of columns, and one thing with all that is known of it."""

import time
from collections.abc import Iterator, Sequence

import orjson

from common.broker import DeadLetter
from extractor.quarantine import Quarantined
from loaders.sink import Rejection
from waxline.columns import fitted
from waxline.quarantine.items import Item

_REASON_SHOWN = 80
_HEAD = ("key", "held by", "record", "dump", "run", "offset", "reason")


def lines(items: Sequence[Item], width: int | None = None) -> list[str]:
    """Return a line for each item, below a head."""
    return fitted(_HEAD, map(_row, items), names=3, width=width, right=()) if items else []


def details(item: Item, record: str = "") -> Iterator[str]:
    """Yield all that is known of an item; ``record`` is a rejected one's data as JSON."""
    for name, value in zip(_HEAD[:-1], _row(item)[:-1], strict=True):
        yield f"{name + ':':9}{value}"
    yield f"reason:  {printable(item.reason)}"
    if item.settled:
        yield f"settled: {item.settled}"
    if item.file:
        yield f"file:    {item.file}"
    yield from _content(item, record)


def raw_of(item: Item, record: str = "") -> bytes:
    """Return the bytes of what was left out, as far as they were kept."""
    match item.source:
        case Quarantined():
            return item.source.raw()
        case DeadLetter():
            return item.source.body
        case _:
            return record.encode()


def printable(text: str) -> str:
    r"""Return text that does nothing to a terminal: control characters as ``\x1b``."""
    return "".join(
        character
        if character.isprintable() or character in "\n\t"
        else character.encode("ascii", "backslashreplace").decode()
        if not character.isascii()
        else f"\\x{ord(character):02x}"
        for character in text
    )


def _row(item: Item) -> tuple[str, ...]:
    holder = f"{item.server or item.sink}, {item.place}" if item.sink else item.place.value
    reason = " ".join(printable(item.reason).split())
    short = reason if len(reason) <= _REASON_SHOWN else f"{reason[: _REASON_SHOWN - 2]} …"
    return (
        item.key,
        holder,
        _what(item),
        str(item.dump or "?"),
        str(item.run or "?"),
        "" if item.offset is None or item.offset < 0 else str(item.offset),
        f"{short} (settled)" if item.settled else short,
    )


def _what(item: Item) -> str:
    name = item.entity.value if item.entity else "?"
    if isinstance(item.source, DeadLetter):
        kind = item.source.fields.get("kind", "")
        return f"{name} range" if kind == "range" else f"{name} batch of {item.count or '?'}"
    if item.count > 1 and item.entity:
        return f"{item.count} {item.entity.plural}"
    return f"{name} {item.id if item.id is not None else '?'}"


def _content(item: Item, record: str) -> Iterator[str]:
    source = item.source
    yield ""
    match source:
        case DeadLetter():
            yield from (f"{name}: {printable(value)}" for name, value in source.fields.items())
            yield f"({source.attempt} deliveries; the body has {len(source.body):,} bytes)"
            yield printable(source.body.decode("utf-8", "backslashreplace"))
        case Quarantined():
            raw = source.raw()
            kept = "" if len(raw) >= source.length else f", the first {len(raw):,} of them here"
            yield f"({source.length:,} bytes without the end tag{kept})"
            yield printable(raw.decode("utf-8", "backslashreplace"))
        case Rejection():
            yield _pretty(record) or "(its content was not noted)"
        case _:
            yield "(its text is where its extractor ran)"


def _pretty(record: str) -> str:
    """Return JSON on several lines; as it is where it was cut."""
    try:
        return printable(orjson.dumps(orjson.loads(record), option=orjson.OPT_INDENT_2).decode())
    except ValueError:
        return printable(record)


def when(seconds: float) -> str:
    """Return a time in our zone, empty when it is not known."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else ""
