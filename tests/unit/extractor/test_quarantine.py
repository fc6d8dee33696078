"""What is left out is written down, every byte of it."""

from pathlib import Path

import orjson

from common.entities import Entity
from extractor.quarantine import Quarantine, read_quarantine
from extractor.selecting.selector import BadRecord


def test_a_line_per_record_with_every_byte(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, Entity.LABEL, 20260401, 77)
    assert not quarantine.path.parent.exists()
    raw = bytes(range(256))
    quarantine.add(BadRecord(5, 1000, raw, "not well-formed"))
    quarantine.add(BadRecord(None, 2000, b"", "its end tag has no start tag"))
    first, second = map(orjson.loads, quarantine.path.read_bytes().splitlines())
    assert first.pop("raw").encode("latin-1") == raw
    assert first == {
        "entity": "label",
        "id": 5,
        "dump": 20260401,
        "run": 77,
        "offset": 1000,
        "file": "",
        "length": 256,
        "reason": "not well-formed",
    }
    assert (second["id"], second["offset"]) == (None, 2000)
    assert quarantine.count == 2


def test_a_huge_record_is_cut(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, Entity.LABEL, 20260401, 77)
    quarantine.add(BadRecord(5, 0, b"x" * 3_000_000, "too long"))
    (line,) = quarantine.path.read_bytes().splitlines()
    assert len(orjson.loads(line)["raw"]) == 1_000_000


def test_a_line_that_was_cut_short_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, Entity.LABEL, 20260401, 5, Path("labels.xml"))
    quarantine.add(BadRecord(7, 100, b"<label>", "bad"))
    with quarantine.path.open("ab") as file:
        file.write(b'{"entity": "lab')
    whole, broken = read_quarantine(tmp_path)
    assert (whole.id, whole.offset, whole.length, whole.reason) == (7, 100, 7, "bad")
    assert whole.file == str(Path("labels.xml").resolve())
    assert whole.raw() == b"<label>"
    assert (broken.entity, broken.dump, broken.run) == (Entity.LABEL, 20260401, 5)
    assert "broken" in broken.reason
    assert broken.raw() == b'{"entity": "lab'


def test_no_folder_is_no_quarantine(tmp_path: Path) -> None:
    assert list(read_quarantine(tmp_path)) == []
