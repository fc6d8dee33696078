"""The splitter finds what lxml's iterparse finds, however the blocks fall."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from common.entities import LOAD_ORDER, Entity
from extractor.framing.cutter import CUTTING, choose_cutter
from extractor.framing.scanner import Scanner
from extractor.framing.splitter import Cut
from extractor.source import BLOCK_BYTES
from tests.unit.compiled_parts import needed
from tests.unit.extractor.documents import (
    LIMIT,
    Document,
    Whole,
    block_sizes,
    canonical,
    cut_all,
    documents,
    iterparsed,
    regular_record,
    wrapped,
)


@settings(max_examples=300)
@given(documents())
def test_stems_and_offsets_are_those_of_iterparse(document: Document) -> None:
    cut = cut_all(document.raw, document.entity, document.block)
    _assert_like_iterparse(cut, document.raw, document.entity)


def _assert_like_iterparse(cut: Whole, raw: bytes, entity: Entity) -> None:
    end_tag = f"</{entity}>".encode()
    found = [canonical(etree.fromstring(stem + end_tag)) for stem in cut.stems]
    assert found == iterparsed(raw, entity)
    assert not cut.bad
    for stem, offset in zip(cut.stems, cut.offsets, strict=True):
        assert raw[offset : offset + len(stem)] == stem


_NESTED = st.sampled_from(("x", "<s><label id='1'>x</label></s>", "<label/>", "<labeled/>"))


@given(st.data(), st.sampled_from(Entity), st.lists(_NESTED, max_size=6))
def test_the_scanner_agrees_on_regular_documents(
    data: st.DataObject, entity: Entity, texts: list[str]
) -> None:
    records = [
        regular_record(entity, 900 - number, text.replace("label", entity.value))
        for number, text in enumerate(texts)
    ]
    raw = wrapped(entity, records)
    root = f"<{entity.plural}>\n".encode()
    body = raw.removeprefix(root)
    scan = Scanner(entity, b"\n<").scan(body)
    cut = cut_all(raw, entity, data.draw(block_sizes(len(raw))))
    assert cut.stems == [body[begin:end] for begin, end in scan.records]
    assert cut.offsets == [len(root) + begin for begin, _ in scan.records]
    assert len(cut.stems) == len(records)
    assert scan.closed
    assert not scan.bad


@pytest.mark.parametrize("entity", LOAD_ORDER)
@pytest.mark.parametrize(
    "piece", ["", "<!--</{e}>-->", "<?p </{e}>?>", "<s><{e} id='7'/></s>", "<{e}ed>1999</{e}ed>"]
)
def test_what_matters_is_seen_wherever_the_steps_of_the_compiled_cutter_fall(
    entity: Entity, piece: str
) -> None:
    for before in range(130):
        text = "x" * before + piece.replace("{e}", entity.value) + "y" * 100
        raw = wrapped(entity, [regular_record(entity, number, text) for number in (3, 1)])
        _assert_like_iterparse(cut_all(raw, entity, len(raw)), raw, entity)


@pytest.mark.parametrize("entity", LOAD_ORDER)
@pytest.mark.parametrize("block", [1, 7, 10_000])
def test_records_on_one_line(entity: Entity, block: int) -> None:
    raw = wrapped(entity, [b"".join(regular_record(entity, number) for number in (3, 1, 2))])
    _assert_like_iterparse(cut_all(raw, entity, block), raw, entity)


@pytest.mark.parametrize("entity", LOAD_ORDER)
def test_a_block_may_end_after_something_nested(entity: Entity) -> None:
    record = regular_record(entity, 1, f'<{entity} id="5">x</{entity}>\n')
    raw = wrapped(entity, [record])
    _assert_like_iterparse(cut_all(raw, entity, 1), raw, entity)


@pytest.mark.parametrize("ending", [b"</label>", b"</label >", b"</label>\r", b"</label> "])
def test_the_last_record_may_end_otherwise(ending: bytes) -> None:
    records = [regular_record(Entity.LABEL, 1), b"<label><id>2</id>" + ending]
    raw = wrapped(Entity.LABEL, records)
    _assert_like_iterparse(cut_all(raw, Entity.LABEL, len(raw)), raw, Entity.LABEL)


@pytest.mark.parametrize("entity", LOAD_ORDER)
def test_a_regular_block_needs_no_scanner(entity: Entity) -> None:
    nested = '<s><label id="5">x</label><label/><label id="7"/></s><released>1999</released>'
    raw = wrapped(entity, [regular_record(entity, number, nested) for number in (3, 1, 2)])
    begin = raw.index(b"\n") + 1
    needed(CUTTING, "Cutter")
    stems, done, unfinished = choose_cutter(entity, LIMIT, compiled=True).cut(raw[begin:], begin)
    whole = Whole()
    whole.add(Cut([stems]))
    assert whole == cut_all(raw, entity, len(raw))
    assert raw[begin + done :] == f"</{entity.plural}>\n".encode()
    assert not unfinished


@pytest.mark.parametrize("space", [b"\n", b"\t"])
def test_white_space_where_no_dump_has_it(space: bytes) -> None:
    first, second, third = (regular_record(Entity.RELEASE, number) for number in (3, 1, 2))
    first = first.replace(b"</release>", b"</release" + space + b">")
    second = second.replace(b"<release ", b"<release" + space)
    raw = wrapped(Entity.RELEASE, [first, second, third])
    for block in (7, len(raw)):
        _assert_like_iterparse(cut_all(raw, Entity.RELEASE, block), raw, Entity.RELEASE)


def test_a_limit_counts_the_record_and_nothing_else() -> None:
    record = regular_record(Entity.RELEASE, 1)
    raw = wrapped(Entity.RELEASE, [b" " * 500 + record, record])
    limit = len(record) - len("</release>")
    for block in range(1, len(raw)):
        assert len(cut_all(raw, Entity.RELEASE, block, limit).stems) == 2
        assert len(cut_all(raw, Entity.RELEASE, block, limit - 1).bad) == 2


def test_the_excerpts_are_cut_as_iterparse_cuts_them(excerpts: Path) -> None:
    cases = list(_whole_excerpts(excerpts))
    assert len(cases) >= 4
    for raw, entity in cases:
        _assert_like_iterparse(cut_all(raw, entity, BLOCK_BYTES // 20), raw, entity)
        assert len(cut_all(raw, entity, len(raw), LIMIT).stems) == len(iterparsed(raw, entity))


def _whole_excerpts(folder: Path) -> Iterator[tuple[bytes, Entity]]:
    for path in sorted(folder.glob("*/*.xml.gz")):
        if "truncated" not in path.name:
            yield (
                gzip.decompress(path.read_bytes()),
                next(e for e in Entity if e.plural in path.name),
            )
