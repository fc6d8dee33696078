"""What travels through the broker: batches of records, and ranges of ids.

Headers go beside the body (AMQP headers, stream fields), so that a loader can drop or refuse
a message without decoding it.
"""

import base64
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import orjson

from common.entities import CATALOGUE, ID_LIMIT, Entity
from common.errors import TerminalError
from common.records import SCHEMA_VERSION, Record

_RECORD_FIELDS = {"id", "fingerprint", "data"}

MESSAGE_LIMIT = 1_000_000
"""Bytes a batch should stay below; a single larger record travels alone."""

BODY_LIMIT = 16_000_000
"""Bytes that no body exceeds: RabbitMQ takes messages of 16 MiB, unless told otherwise."""

_NUMBERS = 2**63
_DATES = 10**8
"""What the databases hold: signed numbers of 64 bits, dates of eight digits."""


class Kind(StrEnum):
    """What a message holds."""

    BATCH = "batch"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class Headers:
    """What every message says about itself.

    ``run`` orders the readings of a file (see ``common.run_rules.next_run``), ``dump`` is its date
    as eight digits, ``count`` the records in a batch or the ids in a range.
    """

    kind: Kind
    entity: Entity
    run: int
    dump: int
    count: int
    allow_older: bool = False

    def encode(self) -> dict[str, str]:
        """Return the headers as text, for any broker."""
        return {
            "schema": str(SCHEMA_VERSION),
            "catalogue": CATALOGUE,
            "kind": self.kind.value,
            "entity": self.entity.value,
            "run": str(self.run),
            "dump": str(self.dump),
            "count": str(self.count),
            "allow_older": str(int(self.allow_older)),
        }

    @classmethod
    def decode(cls, fields: Mapping[str, str]) -> "Headers":
        """Read headers; raise `TerminalError` for a message that is not ours to understand."""
        if fields.get("schema") != str(SCHEMA_VERSION) or fields.get("catalogue") != CATALOGUE:
            raise TerminalError(
                f"message of schema {fields.get('schema')!r}, catalogue "
                f"{fields.get('catalogue')!r}: this version reads schema {SCHEMA_VERSION} "
                f"of {CATALOGUE}"
            )
        try:
            headers = cls(
                kind=Kind(fields["kind"]),
                entity=Entity(fields["entity"]),
                run=int(fields["run"]),
                dump=int(fields["dump"]),
                count=int(fields["count"]),
                allow_older=fields["allow_older"] == "1",
            )
        except (KeyError, ValueError) as error:
            raise TerminalError(f"message with bad headers: {error}") from error
        if not (0 < headers.run < _NUMBERS and 0 < headers.dump < _DATES and headers.count >= 0):
            raise TerminalError(f"message with bad headers: {headers} is out of bounds")
        return headers


@dataclass(frozen=True, slots=True)
class Message:
    """Headers and a body of JSON."""

    headers: Headers
    body: bytes


Span: TypeAlias = tuple[int, int]
"""Ids from the first up to, and without, the last."""


@dataclass(frozen=True, slots=True)
class Range:
    """What the dump holds of the ids in ``[first, last)``.

    ``bitmap`` has a bit per id from ``first`` on (lowest bit first), set for every id of the
    dump; it is empty where the dump has none, or so few in so wide a range that they are in
    ``ids``, ascending.  ``count`` and ``total`` (the sum of
    fingerprints mod 2**64) cover the good ids only; ``quarantined`` lists the others.
    ``hold_deletions`` is set when the run met a record whose id it could not read,
    ``allow_deletions`` when its user allows any number of them.

    Of the whole run, and the same in each of its ranges: ``left_out`` counts all records that it
    has quarantined, also those that ``quarantined`` cannot name (they have no readable id, or one
    that came before with other content); ``without_id`` counts those without a readable id.
    """

    index: int
    ranges: int
    first: int
    last: int
    bitmap: bytes
    count: int
    total: int
    quarantined: tuple[int, ...] = ()
    hold_deletions: bool = False
    allow_deletions: bool = False
    left_out: int = 0
    without_id: int = 0
    ids: tuple[int, ...] = ()

    @property
    def span(self) -> Span:
        """The ids that it is about."""
        return self.first, self.last

    def holds(self, record_id: int) -> bool:
        """Tell whether the dump has this id, good or quarantined."""
        if self.ids:
            place = bisect_left(self.ids, record_id)
            return place < len(self.ids) and self.ids[place] == record_id
        offset = record_id - self.first
        byte = offset >> 3
        return byte < len(self.bitmap) and bool(self.bitmap[byte] >> (offset & 7) & 1)


def decode_records(body: bytes) -> list[Record]:
    """Read the body of a batch; raise `TerminalError` when it is not one."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise TerminalError(f"batch is not JSON: {error}") from error
    if not isinstance(found, list) or not all(map(_is_record, found)):
        raise TerminalError("batch is not a list of records")
    return found


def _is_record(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and found.keys() == _RECORD_FIELDS
        and type(found["id"]) is type(found["fingerprint"]) is int
        and 0 < found["id"] < ID_LIMIT
        and -_NUMBERS <= found["fingerprint"] < _NUMBERS
        and isinstance(found["data"], dict)
    )


def encode_range(range_: Range) -> bytes:
    """Return the body of a range; also what a sink stores of it."""
    return orjson.dumps(
        {
            "index": range_.index,
            "ranges": range_.ranges,
            "first": range_.first,
            "last": range_.last,
            "bitmap": base64.b64encode(range_.bitmap).decode("ascii"),
            "ids": base64.b64encode(array("I", range_.ids).tobytes()).decode("ascii"),
            "count": range_.count,
            "total": range_.total,
            "quarantined": range_.quarantined,
            "hold_deletions": range_.hold_deletions,
            "allow_deletions": range_.allow_deletions,
            "left_out": range_.left_out,
            "without_id": range_.without_id,
        }
    )


def decode_range(body: bytes) -> Range:
    """Read the body of a range; raise `TerminalError` when it is not one."""
    try:
        fields = orjson.loads(body)
        fields["bitmap"] = base64.b64decode(fields["bitmap"])
        fields["ids"] = tuple(array("I", base64.b64decode(fields.get("ids", ""))))
        fields["quarantined"] = tuple(fields["quarantined"])
        range_ = Range(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise TerminalError(f"range is not readable: {error}") from error
    if not _is_range(range_):
        raise TerminalError("range is not readable: a value of it is out of bounds")
    return range_


def _is_range(range_: Range) -> bool:
    """Tell whether the values are of their types, and such as the databases can be asked about."""
    numbers = (range_.index, range_.ranges, range_.first, range_.last, range_.count, range_.total)
    left_out = (range_.left_out, range_.without_id)
    flags = (range_.hold_deletions, range_.allow_deletions)
    return (
        all(type(number) is int for number in (*numbers, *left_out, *range_.quarantined))
        and all(type(flag) is bool for flag in flags)
        and 0 <= range_.index < range_.ranges <= ID_LIMIT
        and 0 <= range_.first <= range_.last <= ID_LIMIT
        and all(0 <= number < _NUMBERS for number in (range_.count, *left_out))
        and all(0 <= number < ID_LIMIT for number in range_.quarantined)
    )
