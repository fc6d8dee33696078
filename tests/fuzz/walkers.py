"""The walkers, fed with elements of all shapes: the compiled one and Python's are twins.

The bytes are a program that builds records: open an element, close it, set an attribute, add
text.  So they are well-formed by construction, and a mutation is a change of one step.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import orjson
from lxml import etree

from common.entities import LOAD_ORDER, Entity
from common.messages import decode_records
from common.records import Record
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.parsing.groups import Group, Parsed, parse
from extractor.walkers import GroupWalkers, choose_walkers
from extractor.walkers.elements import make_parser, parse_group
from tests.unit.extractor.groups import declined
from tests.unit.extractor.naive import read

NAMES = (
    *("id", "name", "realname", "profile", "data_quality", "urls", "url", "namevariations"),
    *("aliases", "groups", "members", "images", "image", "contactinfo", "parentLabel", "label"),
    *("sublabels", "main_release", "artists", "artist", "anv", "join", "role", "tracks", "genres"),
    *("genre", "styles", "style", "year", "title", "notes", "videos", "video", "description"),
    *("labels", "series", "extraartists", "formats", "format", "descriptions", "country"),
    *("released", "master_id", "tracklist", "track", "position", "duration", "sub_tracks"),
    *("identifiers", "identifier", "companies", "company", "catno", "entity_type"),
    *("entity_type_name", "resource_url", "master", "release", "new", "{urn:x}name"),
)
ATTRIBUTES = (
    *("id", "status", "is_main_release", "name", "catno", "qty", "text", "type", "value"),
    *("description", "src", "duration", "embed", "uri", "uri150", "width", "height", "new"),
    "{urn:x}id",
)
TEXTS = (
    *("", "0", "1", "2", "3", "007", "-1", "+1", " 1", "1 ", "1.0", "1e3", "999999999"),
    *("2147483647", "2147483648", "0000000001", "00000000001", "9" * 40, "\uff11", "true", "false"),
    *("True", 'q " b \\ s /', "\ttab", "line\n", "cr\r", "\x7f\x85\u00a0\u2028", "\ufffd\ufeff"),
    *("caf\u00e9", "\u4e2d\u6587", "\U0001f3b5", "&<>]]>", "x" * 7, "x" * 8 + '"', "y" * 5_000),
)
_CLOSE, _ATTRIBUTE, _TEXT, _CDATA, _COMMENT, _NEXT = range(len(NAMES), len(NAMES) + 6)
_DEEPEST = 40


def check(data: bytes) -> None:
    """Check that both walkers make the same of records, together and alone."""
    if not data:
        return
    entity, raws = decode(data)
    walk = _compiled()
    group = _group(entity, raws, 1)
    together = parse(group, walk)
    assert together == parse(group), raws
    assert sorted(_all(together)) == list(range(len(raws))), raws
    assert all(orjson.dumps(decode_records(body)) == body for body in together.bodies), raws
    alone = [parse(_group(entity, [raw], number), walk) for number, raw in enumerate(raws, 1)]
    _check_alone(together, alone)
    _check_regular(group, walk)


def decode(data: bytes) -> tuple[Entity, list[bytes]]:
    """Run a program; return the entity and its records, as a dump holds them."""
    entity = LOAD_ORDER[data[0] % len(LOAD_ORDER)]
    # A step's operand may be the mark as well: then it ends the step early, and the record.
    programs = data[1:].split(bytes([_NEXT]))
    records = (_built(entity, number, iter(steps)) for number, steps in enumerate(programs, 1))
    return entity, list(map(_serialised, records))


def _built(entity: Entity, number: int, steps: Iterator[int]) -> Any:
    """Build a record until its program ends."""
    root: Any = etree.Element(entity.value)
    element = root
    if entity in (Entity.MASTER, Entity.RELEASE):
        root.set("id", str(number))
    else:
        etree.SubElement(root, "id").text = str(number)
    depth = 0
    for step in steps:
        if step == _CLOSE and depth:
            element, depth = element.getparent(), depth - 1
        elif step < len(NAMES) and depth < _DEEPEST:
            element, depth = etree.SubElement(element, NAMES[step]), depth + 1
        elif step == _ATTRIBUTE:
            name = ATTRIBUTES[next(steps, 0) % len(ATTRIBUTES)]
            element.set(name, _text(steps))
        elif step in (_TEXT, _CDATA, _COMMENT):
            _append(element, step, _text(steps))
        elif step > _NEXT:
            _append(element, _TEXT, TEXTS[step % len(TEXTS)])
    return root


def _text(steps: Iterator[int]) -> str:
    return TEXTS[next(steps, 0) % len(TEXTS)]


def _append(element: Any, step: int, text: str) -> None:
    """Add text, or a comment with text behind it, after what the element holds."""
    if step == _COMMENT:
        comment = etree.Comment("c")
        comment.tail = text
        element.append(comment)
    elif len(element):
        element[-1].tail = (element[-1].tail or "") + text
    elif step == _CDATA and "]]>" not in text:
        element.text = etree.CDATA((element.text or "") + text)
    else:
        element.text = (element.text or "") + text


def _serialised(root: Any) -> bytes:
    if not len(root) and not root.text:
        root.text = "\n"  # else there is no end tag
    return etree.tostring(root, encoding="utf-8")


def _group(entity: Entity, raws: Sequence[bytes], first: int) -> Group:
    end_tag = f"</{entity}>".encode()
    records = [
        RawRecord(number, 2**63 + number, 0, raw.removesuffix(end_tag))
        for number, raw in enumerate(raws, first)
    ]
    return Group(entity, RawRecords.of(entity, records))


def _all(parsed: Parsed) -> Iterator[int]:
    """Return the positions of a group that are accounted for."""
    yield from (position for positions in parsed.positions for position in positions)
    yield from (position for position, _ in parsed.bad)


def _records(parsed: Parsed) -> list[Record]:
    return [record for body in parsed.bodies for record in decode_records(body)]


def _check_alone(together: Parsed, alone: list[Parsed]) -> None:
    """A record comes out the same whatever its neighbours are."""
    assert _records(together) == [record for one in alone for record in _records(one)]
    reasons = [(position, reason) for position, one in enumerate(alone) for _, reason in one.bad]
    assert sorted(together.bad) == reasons
    assert together.odd == sum((one.odd for one in alone), type(together.odd)())


def _check_regular(group: Group, walk: GroupWalkers) -> None:
    """What the compiled walker takes for regular is read by the naive reader to the same."""
    if parse_group(group.records.text, len(group.records), make_parser()) is None:
        return
    left = set(declined(walk, group))
    parsed = parse(group, walk)
    positions = [position for positions in parsed.positions for position in positions]
    for position, record in zip(positions, _records(parsed), strict=True):
        raw = group.records.element(position)
        if position not in left:
            assert read(raw, group.entity) == (record["id"], record["data"]), raw


@cache
def _compiled() -> GroupWalkers:
    walk = choose_walkers(compiled=True)
    assert walk is not None, "the compiled walker was not built"
    return walk
