"""The splitter, fed with anything: lxml's iterparse is the oracle where it is well-formed.

A byte from 128 on stands for a token, any other for itself, so that a mutation is often a
change of a tag, and every document in ASCII is its own input.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError
from extractor.framing.splitter import Splitter
from extractor.walkers.elements import make_parser
from tests.unit.extractor.documents import LIMIT, Whole, canonical, iterparsed

_SMALL_LIMIT = 80
_MOST_BLOCKS = 200
_BESIDES_ENTITY = 4  # bits of the first byte: wrapped or not, small limit or not, which cutter
_UNSPACED = re.compile(rb"<release[\t\r\n/>]")
_SECTION = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_OPEN_QUOTE = re.compile(rb"<(?:artist|label|master|release)\s[^<>]*[\"'][^<>\"']*<")
_OPEN_TAG = re.compile(rb"<(?:artist|label|master|release)\s[^<>]*<[!?]")
_SPACED_END = re.compile(rb"</(?:artist|label|master|release)\s")
_HIDDEN = re.compile(rb"(?:\s|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)

_TOKENS = (
    *("<{e}>", "</{e}>", '<{e} id="1">', "<{e}><id>2</id>", "</{e}>\n", "\n<{e}>", "<{e}/>"),
    *("<{r}>", "</{r}>", "<{r}/>", "</{r} >", "</{e} >", "<{e} >", "<{e}\n", "<{e}d>", "</{e}d>"),
    *("<!--", "-->", "<![CDATA[", "]]>", "<?p ", "?>", "<!DOCTYPE x>", "<?xml version='1.0'?>"),
    *("<t>", "</t>", "<t/>", "<s>", "</s>", "<t a='", '<t b="', "'>", '">', "/>", " x='y'"),
    *("&amp;", "&#13;", "&#7;", "&a;", "\n", "\r\n", " ", "\ufeff", "\u00e9", "\U0001f3b5", "\0"),
    *('<{e} id="3"><title>x</title></{e}>\n', "<{e}><id>4</id></{e}>\n", "xxxxxxxxxxxxxxxxxxxxx"),
)
_BROKEN = (b"\xff", b"\xc3", b"\xed\xa0\x80")


@dataclass(frozen=True, slots=True)
class Case:
    """A document, the size of the blocks it is fed in, and the limit of a record.

    ``compiled``: which cutter has it in blocks; the other one has it as a whole.
    """

    entity: Entity
    raw: bytes
    block: int
    limit: int
    compiled: bool


def decode(data: bytes) -> Case:
    """Read the entity, the block's size and the document from fuzzed bytes."""
    head, block, body = data[0], data[1], data[2:]
    entity = LOAD_ORDER[head % len(LOAD_ORDER)]
    raw = b"".join(_tokens(entity)[byte] for byte in body)
    if head & _BESIDES_ENTITY:
        root = entity.plural.encode()
        raw = b"<" + root + b">\n" + raw + b"</" + root + b">\n"
    limit = _SMALL_LIMIT if head & 2 * _BESIDES_ENTITY else LIMIT
    size = max(block, len(raw) // _MOST_BLOCKS) if block else len(raw) + 1
    return Case(entity, raw, size, limit, bool(head & 4 * _BESIDES_ENTITY))


@cache
def _tokens(entity: Entity) -> list[bytes]:
    """Return what each byte stands for."""
    filled = [t.replace("{e}", entity.value).replace("{r}", entity.plural) for t in _TOKENS]
    tokens = [*(token.encode() for token in filled), *_BROKEN]
    return [bytes([b]) if b < 128 else tokens[(b - 128) % len(tokens)] for b in range(256)]


def check(data: bytes) -> None:
    """Check what the splitter makes of a document, block by block and all at once."""
    if len(data) <= 2:
        return
    case = decode(data)
    cut, refused = _cut(case, case.block, compiled=case.compiled)
    _check_places(case, cut)
    if case.limit == LIMIT and not _is_impossible(case):
        whole, refused_whole = _cut(case, len(case.raw) + 1, compiled=not case.compiled)
        assert (refused is None) == (refused_whole is None), (refused, refused_whole)
        assert refused or _good(case, cut) == _good(case, whole), case
    _check_against_lxml(case, cut, refused)


def _cut(case: Case, block: int, *, compiled: bool) -> tuple[Whole, DumpError | None]:
    """Feed a document and finish; return what came of it, and the refusal if it was refused."""
    splitter, found = Splitter(case.entity, case.limit, compiled=compiled), Whole()
    try:
        for start in range(0, len(case.raw), block):
            found.add(splitter.feed(case.raw[start : start + block]))
            assert len(splitter._tail) <= max(case.limit, 65_536) + block + 20
        splitter.finish()
    except DumpError as error:
        return found, error
    return found, None


def _check_places(case: Case, cut: Whole) -> None:
    """Each record is at its place, in order, none within another, and no byte is left out."""
    behind = 0
    for offset, stem in zip(cut.offsets, cut.stems, strict=True):
        assert offset >= behind, case
        assert case.raw[offset : offset + len(stem)] == stem, case
        assert len(stem) <= case.limit, case
        behind = offset + len(stem)
    for bad in cut.bad:
        assert case.raw.startswith(bad.head, bad.offset), case


def _good(case: Case, cut: Whole) -> dict[int, bytes]:
    """Return the well-formed records by their offsets."""
    parsed = ((o, _parsed(case.entity, s)) for o, s in zip(cut.offsets, cut.stems, strict=True))
    return {offset: found for offset, found in parsed if found is not None}


def _parsed(entity: Entity, stem: bytes) -> bytes | None:
    try:
        return canonical(etree.fromstring(stem + f"</{entity}>".encode()))
    except etree.XMLSyntaxError:
        return None


def _check_against_lxml(case: Case, cut: Whole, refused: DumpError | None) -> None:
    """Where lxml takes the document, records are lxml's, and one that is missing is told of."""
    if any(len(hidden) > case.limit for hidden in _SECTION.findall(case.raw)):
        return  # given up like a record that is too long, and what is in it is looked at
    try:
        root = etree.fromstring(case.raw, make_parser())
    except (etree.XMLSyntaxError, ValueError):
        return
    if refused or root.tag != case.entity.plural:
        assert refused, case
        assert _may_be_refused(case, root, str(refused)), (case, refused)
        return
    if case.limit < LIMIT and root.find(f"{case.entity}//{case.entity}") is not None:
        return  # of a record that is given up, what begins a line is taken for the next
    expected = iterparsed(case.raw, case.entity)
    good = list(_good(case, cut).values())
    if not cut.bad and len(good) == len(cut.stems):
        assert good == expected, case
    else:
        assert _is_odd(case), (case, cut)
        assert _is_part(good, expected), case


def _may_be_refused(case: Case, root: Any, reason: str) -> bool:
    """Tell whether a document has what no dump has."""
    return (
        root.tag != case.entity.plural
        or case.limit < LIMIT  # then something between two records may be too long as well
        or "between two records: b'&#" in reason  # white space, but no writer writes it so
        or b"<!DOCTYPE" in case.raw
        or b"xmlns" in case.raw
        or b"encoding" in case.raw
        or bool((root.text or "").strip())
        or root.find(f".//{root.tag}") is not None  # what ends such a one ends the root
        or any(child.tag != case.entity.value or (child.tail or "").strip() for child in root)
    )


def _is_impossible(case: Case) -> bool:
    """Tell whether there is what the splitter does not look for in a regular block: a release
    within another and no space after its name, white space in an end tag, or within a start tag
    another tag in quotes, a comment or the like.

    Where a block ends decides whether such a record is set aside, the file refused, or what
    looks like a record in it taken for one.
    """
    nested = case.entity is Entity.RELEASE and _UNSPACED.search(case.raw) is not None
    return nested or any(one.search(case.raw) for one in (_SPACED_END, _OPEN_QUOTE, _OPEN_TAG))


def _is_odd(case: Case) -> bool:
    """Tell whether records may be quarantined though they are well-formed (see the splitter)."""
    name = case.entity.value.encode()
    return (
        case.limit < LIMIT
        or re.search(rb"</" + name + rb"\s", case.raw) is not None
        or re.search(rb"<" + name + rb"\s*/?>", case.raw) is not None
        or re.search(rb"<" + name + rb"\s[^>]*/>", case.raw) is not None
    )


def _is_part(good: list[bytes], expected: list[bytes]) -> bool:
    """Tell whether the records found are some of those there are, in order."""
    rest = iter(expected)
    return all(one in rest for one in good)
