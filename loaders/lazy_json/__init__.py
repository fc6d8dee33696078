"""Records whose data stays JSON until somebody looks at it: most sinks need not, or not all."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import orjson

from common.compiled import find_compiled
from common.messages import decode_records
from common.records import Record

Decode: TypeAlias = Callable[[bytes], list[Record]]
"""`common.messages.decode_records`, or what does the same."""

Cut: TypeAlias = Callable[[bytes], list[Record] | None]
"""Returns the records of a body, or None to leave it to orjson."""

Pick: TypeAlias = Callable[[bytes, frozenset[bytes]], bytes | None]
"""Leaves of an object only the members of these names, or None to leave it to orjson."""

CUTTING = "loaders.lazy_json.slicing"
PICKING = "loaders.lazy_json.picking"


def choose_decoder(*, compiled: bool) -> Decode:
    """Return what reads the body of a batch: compiled where that is wanted and can be had."""
    cut: Cut | None = find_compiled(CUTTING, "cut") if compiled else None
    if cut is None:
        return decode_records

    def decode(body: bytes) -> list[Record]:
        found = cut(body)
        return decode_records(body) if found is None else found

    return decode


class Picker:
    """Decodes some members of a record's data and skips the others, where that is compiled."""

    def __init__(self, members: Iterable[str], *, compiled: bool) -> None:
        self._pick: Pick | None = find_compiled(PICKING, "pick") if compiled else None
        self._members = frozenset(name.encode() for name in members)

    def data(self, record: Record) -> Any:
        """Return a record's data: these members, and others where all had to be decoded."""
        raw = getattr(record, "raw", None)
        if self._pick and raw is not None:
            picked = self._pick(raw, self._members)
            if picked is not None:
                return orjson.loads(picked)
        return record["data"]
