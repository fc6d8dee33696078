"""What the user sees of things left out: lines, details, and nothing that harms a terminal."""

from pathlib import Path

import pytest

from common.broker import DeadLetter
from common.entities import Entity
from extractor.quarantine import Quarantine, read_quarantine
from extractor.selecting.selector import BadRecord
from loaders.sink import Rejection
from waxline.columns import columns
from waxline.quarantine.items import Item, from_file, from_letter, from_rejection
from waxline.quarantine.showing import details, lines, printable, raw_of

RAW = b'<release id="7">\xff\x1b[2J<title>this & that'


@pytest.fixture
def put_aside(tmp_path: Path) -> Item:
    """A record in a file of the quarantine."""
    quarantine = Quarantine(tmp_path, Entity.RELEASE, 20260101, 5, Path("dump.xml"))
    quarantine.add(BadRecord(3, 10, b"another", "another"))
    quarantine.add(BadRecord(7, 90, RAW, "bad\n" + "x" * 200))
    return from_file(list(read_quarantine(tmp_path))[1])


def letter(fields: dict[str, str], body: bytes = b"[1]") -> Item:
    return from_letter("neo4j", DeadLetter("1-1", Entity.LABEL, fields, body, "why", 2))


def test_a_line_has_all_that_one_needs(put_aside: Item) -> None:
    head, line = lines([put_aside])
    assert head.split() == ["key", "held", "by", "record", "dump", "run", "offset", "reason"]
    assert line.startswith(f"{put_aside.key}  quarantine  release 7  20260101  5    90 ")
    assert line.endswith(" …")
    assert len(line) < 200
    assert list(lines([])) == []


def test_details_show_the_bytes_and_raw_gives_them(put_aside: Item) -> None:
    shown = "\n".join(details(put_aside))
    assert "dump.xml" in shown
    assert "x" * 200 in shown
    assert r'<release id="7">\xff\x1b[2J<title>this & that' in shown
    assert f"({len(RAW)} bytes without the end tag)" in shown
    assert raw_of(put_aside) == RAW


def test_a_very_long_record_is_kept_in_part_and_said_so(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, Entity.RELEASE, 20260101, 5)
    quarantine.add(BadRecord(None, 90, b"y" * 1_000_001, "long"))
    (found,) = read_quarantine(tmp_path)
    item = from_file(found)
    assert "(1,000,001 bytes without the end tag, the first 1,000,000 of them here)" in "\n".join(
        details(item)
    )
    assert len(raw_of(item)) == 1_000_000
    assert "release ?" in list(lines([item]))[1]


def test_details_of_a_letter_show_its_headers_and_body() -> None:
    item = letter({"kind": "batch", "count": "3", "odd": "\x1b[2J"}, b'[{"id": 1')
    shown = "\n".join(details(item))
    assert "kind: batch" in shown
    assert "odd: \\x1b[2J" in shown
    assert '[{"id": 1' in shown
    assert raw_of(item) == b'[{"id": 1'
    assert "neo4j, dead letter  label batch of 3  ?" in list(lines([item]))[1]
    assert "label range" in list(lines([letter({"kind": "range"})]))[1]


@pytest.mark.parametrize(
    ("record", "words"),
    [('{"name": "L"}', '  "name": "L"'), ('{"name": "cut', '{"name": "cut'), ("", "not noted")],
)
def test_details_of_a_rejection_show_its_record(record: str, words: str) -> None:
    item = from_rejection("postgres", Entity.LABEL, Rejection(7, 70, "NUL", run=5))
    assert words in "\n".join(details(item, record))
    assert raw_of(item, record) == record.encode()


def test_what_is_printed_does_nothing_to_a_terminal() -> None:
    assert printable("Blå\t\x1b[2J\x9b\u202e\n") == "Blå\t\\x1b[2J\\x9b\\u202e\n"


def test_columns_are_as_wide_as_they_have_to_be() -> None:
    assert list(columns([("a", "b", "c"), ("long", "12", "")], right=[1])) == [
        "a      b  c",
        "long  12",
    ]
