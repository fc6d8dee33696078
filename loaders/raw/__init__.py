"""Records whose data stays JSON until somebody looks at it: most sinks need not, or not all."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, cast

import orjson

from common.compiled import find_compiled
from common.messages import decode_records
from common.records import Record

Decode: TypeAlias = Callable[[bytes], list[Record]]
"""`common.messages.decode_records`, or what does the same."""

Cut: TypeAlias = Callable[[bytes], list[tuple[int, int, bytes]] | None]
"""Returns id, fingerprint and data of each record of a body, or None to leave it to orjson."""

Pick: TypeAlias = Callable[[bytes, frozenset[bytes]], bytes | None]
"""Leaves of an object only the members of these names, or None to leave it to orjson."""

CUTTING = "loaders.raw.cutting"
PICKING = "loaders.raw.picking"


class RawRecord(dict[str, Any]):
    """A `Record`, but that its ``data`` is decoded when it is first asked for."""

    __slots__ = ("raw",)

    def __init__(self, record_id: int, fingerprint: int, raw: bytes) -> None:
        super().__init__(id=record_id, fingerprint=fingerprint)
        self.raw = raw

    def __missing__(self, key: str) -> Any:
        if key != "data":
            raise KeyError(key)
        data = self[key] = orjson.loads(self.raw)
        return data


def choose_decoder(*, compiled: bool) -> Decode:
    """Return what reads the body of a batch: compiled where that is wanted and can be had."""
    cut: Cut | None = find_compiled(CUTTING, "cut") if compiled else None
    if cut is None:
        return decode_records

    def decode(body: bytes) -> list[Record]:
        found = cut(body)
        if found is None:
            return decode_records(body)
        return [cast(Record, RawRecord(*parts)) for parts in found]

    return decode


def raw_data(record: Record) -> bytes:
    """Return a record's data as JSON; raise `TypeError` for what JSON cannot say."""
    given: object = record
    return given.raw if isinstance(given, RawRecord) else orjson.dumps(record["data"])


class Picker:
    """Decodes some members of a record's data and skips the others, where that is compiled."""

    def __init__(self, members: Iterable[str], *, compiled: bool) -> None:
        self._pick: Pick | None = find_compiled(PICKING, "pick") if compiled else None
        self._members = frozenset(name.encode() for name in members)

    def data(self, record: Record) -> Any:
        """Return a record's data: these members, and others where all had to be decoded."""
        given: object = record
        if self._pick and isinstance(given, RawRecord):
            picked = self._pick(given.raw, self._members)
            if picked is not None:
                return orjson.loads(picked)
        return record["data"]
