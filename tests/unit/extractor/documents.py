"""Documents for the splitter, regular and not, and what lxml's iterparse finds in them."""

import io
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from common.entities import Entity
from extractor.framing.splitter import BadStem, Cut, Splitter

LIMIT = 1_000_000

_TEXTS = st.text(alphabet="ab >\"'/]-?é\n\t=", max_size=12)
_GAPS = ("", "\n", "\n\n", " ", "\r\n", "\t", "\n  ", "<!-- </{e}> -->\n", "<?pi <{e}> ?>")
_HIDDEN = (
    "<!-- </{e}> <{e}> <{e} -->",
    "<![CDATA[</{e}>\n<{e}></{r}>{c}",
    "<?pi </{e}> <{e} a='?>",
)
_NESTED = (
    "<{e}>a</{e}>",
    '<{e} id="5">b\n</{e}>',
    "<{e} x='>' y=\"'>/>\">c</{e}\n>",
    "<{e}/>",
    '<{e} id="7" />',
    "<s><{e}><{e} a='/'/></{e}>\n</s>",
)
_OTHERS = (
    "<{e}d>1999</{e}d>",
    "<{r}/>",
    '<v src="a>b/>"/>',
    "<t a='\">'>x</t>",
    "&amp;",
    "&#13;",
)
_ODD_STARTS = (" ", '  x="a>b"', "\n", '\tx=\'"/>\' y=""')
_ODD_ENDS = ("", " ", "\n")
_PROLOGS = ("", "\ufeff", "<?xml version='1.0' encoding='UTF-8'?>\n", "<!-- <{r}> -->\n", "\n")


@dataclass(frozen=True, slots=True)
class Document:
    """A document of one entity, with the sizes of the blocks it is to be fed in."""

    entity: Entity
    raw: bytes
    block: int


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a well-formed document with everything that may hide, open or close a record."""
    entity = draw(st.sampled_from(Entity))
    # Never both: no writer has been seen to put white space into its tags, see the splitter.
    starts, ends = draw(st.sampled_from(((_ODD_STARTS, ("",)), (("",), _ODD_ENDS))))
    records = [
        _record(draw, entity, number, draw(st.sampled_from(starts)), draw(st.sampled_from(ends)))
        for number in draw(st.lists(st.integers(1, 999), max_size=6))
    ]
    gaps = st.sampled_from(_GAPS)
    pieces = [
        draw(st.sampled_from(_PROLOGS)),
        draw(st.sampled_from(("<{r}>", "<{r}  a='>'>", '<{r}\nb="/">'))),
        *(piece for record in records for piece in (draw(gaps), record)),
        draw(gaps),
        draw(st.sampled_from(("</{r}>", "</{r} >\n", "</{r}>\n\n"))),
    ]
    raw = _fill("".join(pieces), entity).encode()
    return Document(entity, raw, draw(block_sizes(len(raw))))


def _record(draw: st.DrawFn, entity: Entity, number: int, start: str, end: str) -> str:
    attribute = entity in (Entity.MASTER, Entity.RELEASE)
    body = st.one_of(_TEXTS, st.sampled_from(_OTHERS + _NESTED * 2 + _HIDDEN))
    pieces = [
        # A release without an id inside another is what the splitter takes for impossible.
        piece.replace("<{e}>", "<{e} >") if entity is Entity.RELEASE else piece
        for piece in draw(st.lists(body, max_size=5))
    ]
    head = f'<{{e}} id="{number}"{start}>' if attribute else f"<{{e}}{start}><id>{number}</id>"
    # What ends a CDATA section must not come about in text, not by two pieces together either.
    body_text = "".join(pieces).replace("]]>", "]]&gt;")
    return f"{head}{body_text}</{{e}}{end}>"


def _fill(text: str, entity: Entity) -> str:
    return text.replace("{e}", entity.value).replace("{r}", entity.plural).replace("{c}", "]]>")


def block_sizes(length: int) -> st.SearchStrategy[int]:
    """Draw the size of a block: a byte, a few, or all at once."""
    return st.one_of(st.just(1), st.integers(1, max(2, length)), st.just(length + 1))


def regular_record(entity: Entity, number: int, text: str = "x") -> bytes:
    """Return a record as every dump since 2020 writes it."""
    if entity in (Entity.MASTER, Entity.RELEASE):
        return f'<{entity} id="{number}"><title>{text}</title></{entity}>'.encode()
    return f"<{entity}><id>{number}</id><name>{text}</name></{entity}>".encode()


def wrapped(entity: Entity, records: list[bytes]) -> bytes:
    """Return a whole document of such records, a line each."""
    root = entity.plural.encode()
    return b"\n".join([b"<" + root + b">", *records, b"</" + root + b">\n"])


@dataclass(slots=True)
class Whole:
    """What the blocks of a document yield together."""

    stems: list[bytes] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    bad: list[BadStem] = field(default_factory=list)

    def add(self, cut: Cut) -> None:
        """Take in what the next block yields."""
        for offset, stem in cut.records():
            self.offsets.append(offset)
            self.stems.append(stem)
        self.bad += cut.bad


def cut_all(raw: bytes, entity: Entity, block: int, limit: int = LIMIT) -> Whole:
    """Feed a whole document and finish; return everything it yielded, by either cutter."""
    whole = _cut_all(raw, entity, block, limit, compiled=False)
    assert _cut_all(raw, entity, block, limit, compiled=True) == whole
    return whole


def _cut_all(raw: bytes, entity: Entity, block: int, limit: int, *, compiled: bool) -> Whole:
    splitter, whole = Splitter(entity, limit, compiled=compiled), Whole()
    for start in range(0, len(raw), block):
        whole.add(splitter.feed(raw[start : start + block]))
    splitter.finish()
    return whole


def iterparsed(raw: bytes, entity: Entity) -> list[bytes]:
    """Return the canonical form of every record, as lxml's iterparse finds them."""
    events = etree.iterparse(io.BytesIO(raw), events=("end",), tag=entity.value)
    return [canonical(element) for _, element in events if _is_record(element)]


def _is_record(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and parent.getparent() is None


def canonical(element: Any) -> bytes:
    """Return an element's canonical XML, comments and all, without what follows it."""
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(alone, method="c14n")
