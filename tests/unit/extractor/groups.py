"""Groups of whole records, for the parser."""

from collections.abc import Callable
from typing import TypeAlias

from common.entities import Entity
from extractor.elements import make_parser, parse_group
from extractor.identify import Identifier
from extractor.parsing import Group, Parsed
from extractor.splitter import Splitter
from extractor.walkers.regular import GroupWalker

Parse: TypeAlias = Callable[[Group], Parsed]
"""`extractor.parsing.parse` with one of the walkers."""


def group_of(entity: Entity, raws: list[str | bytes]) -> Group:
    """Return a group of whole records, with ids 1, 2, … and fingerprints 11, 12, …."""
    end_tag = f"</{entity}>".encode()
    encoded = [raw.encode() if isinstance(raw, str) else raw for raw in raws]
    assert all(raw.endswith(end_tag) for raw in encoded)
    keys = [(position + 1, position + 11) for position in range(len(raws))]
    return Group(entity, end_tag, keys, [raw.removesuffix(end_tag) for raw in encoded])


def record(entity: Entity, number: int, body: str = "", attributes: str = "") -> str:
    """Return a record with this id and body."""
    if entity in (Entity.MASTER, Entity.RELEASE):
        return f'<{entity} id="{number}"{attributes}>{body}</{entity}>'
    return f"<{entity}{attributes}><id>{number}</id>{body}</{entity}>"


def cut_groups(entity: Entity, raw: bytes, records: int = 200) -> list[Group]:
    """Cut a dump into groups of so many records, with the ids that the walkers find in them."""
    splitter = Splitter(entity, len(raw))
    stems = [stem for _, stem in splitter.feed(raw).records()]
    splitter.finish()
    identify = Identifier(entity, splitter.end_tag).identify
    keys = [(identify(stem), 2**64 - len(stem)) for stem in stems]
    return [
        Group(
            entity, splitter.end_tag, keys[first : first + records], stems[first : first + records]
        )
        for first in range(0, len(stems), records)
    ]


def declined(walk_regular: GroupWalker, group: Group) -> list[int]:
    """Return the positions that the compiled walker leaves to Python's."""
    root = parse_group(group.stems, group.end_tag, make_parser())
    assert root is not None
    encoded = walk_regular(root, group.entity, group.keys)
    assert len(encoded) == len(group.stems)
    return [position for position, one in enumerate(encoded) if one is None]
