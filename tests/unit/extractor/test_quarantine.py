"""What is left out is written down, every byte of it."""

from pathlib import Path

import orjson

from common.entities import Entity
from extractor.quarantine import Quarantine
from extractor.selection import BadRecord


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
        "reason": "not well-formed",
    }
    assert (second["id"], second["offset"]) == (None, 2000)
    assert quarantine.count == 2


def test_a_huge_record_is_cut(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, Entity.LABEL, 20260401, 77)
    quarantine.add(BadRecord(5, 0, b"x" * 3_000_000, "too long"))
    (line,) = quarantine.path.read_bytes().splitlines()
    assert len(orjson.loads(line)["raw"]) == 1_000_000
