"""Groups of whole records, for the parser."""

from common.entities import Entity
from extractor.parsing import Group


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
