"""Groups of whole records, for the parser."""

from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

from common.entities import Entity
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.splitter import Splitter
from extractor.parsing.groups import Group, Parsed
from extractor.selecting.identifier import Identifier
from extractor.walkers import GroupWalkers
from extractor.walkers.elements import make_parser, parse_group

Parse: TypeAlias = Callable[[Group], Parsed]
"""`extractor.parsing.groups.parse` with one of the walkers."""


def group_of(entity: Entity, raws: list[str | bytes]) -> Group:
    """Return a group of whole records, with ids 1, 2, … and fingerprints 11, 12, …."""
    end_tag = f"</{entity}>".encode()
    encoded = [raw.encode() if isinstance(raw, str) else raw for raw in raws]
    assert all(raw.endswith(end_tag) for raw in encoded)
    records = [
        RawRecord(place + 1, place + 11, 0, raw.removesuffix(end_tag))
        for place, raw in enumerate(encoded)
    ]
    return Group(entity, RawRecords.of(entity, records))


def record(entity: Entity, number: int, body: str = "", attributes: str = "") -> str:
    """Return a record with this id and body."""
    if entity in (Entity.MASTER, Entity.RELEASE):
        return f'<{entity} id="{number}"{attributes}>{body}</{entity}>'
    return f"<{entity}{attributes}><id>{number}</id>{body}</{entity}>"


def cut_groups(entity: Entity, raw: bytes, records: int = 200) -> list[Group]:
    """Cut a dump into groups of so many records, with the ids that the walkers find in them."""
    splitter = Splitter(entity, len(raw))
    cut = splitter.feed(raw)
    splitter.finish()
    identify = Identifier(entity).identify
    found = [
        RawRecord(identify(stem), 2**64 - len(stem), offset, stem) for offset, stem in cut.records()
    ]
    return [
        Group(entity, RawRecords.of(entity, found[first : first + records]))
        for first in range(0, len(found), records)
    ]


def declined(regular_walkers: GroupWalkers, group: Group) -> list[int]:
    """Return the positions that the compiled walker leaves to Python's."""
    records = group.records
    root = parse_group(records.text, len(records), make_parser())
    assert root is not None
    text, starts, count = regular_walkers[group.entity](root, records.ids, records.fingerprints)
    assert (len(starts), starts[-1]) == (len(records) + 1, len(text))
    places = [place for place, (start, end) in enumerate(pairwise(starts)) if start == end]
    assert len(places) == count
    return places
