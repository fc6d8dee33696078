"""The files: the same from the same seed, framed and escaped as Discogs' own."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from common.entities import Entity
from generator import Plan, write_dumps

SCRIPT = """
import sys
from pathlib import Path
from generator import Plan, write_dumps
print(write_dumps(Plan(releases=150, month=2), Path(sys.argv[1]))[-1].read_text())
"""


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_dumps(Plan(releases=900), tmp_path_factory.mktemp("dumps") / "new")


def _raw(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _checksums(directory: Path, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(directory)],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_the_same_seed_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    first = _checksums(tmp_path / "a", "1")
    assert first.count("\n") >= 4
    assert first == _checksums(tmp_path / "b", "2")


def test_another_seed_gives_another_catalogue(tmp_path: Path) -> None:
    plan = Plan(releases=20)
    one = write_dumps(plan, tmp_path / "one")
    two = write_dumps(replace(plan, seed=2), tmp_path / "two")
    assert [path.name for path in one] == [path.name for path in two]
    assert all(a.read_bytes() != b.read_bytes() for a, b in zip(one, two, strict=True))


def test_file_names_and_order(month: list[Path]) -> None:
    kinds = ("artists.xml.gz", "labels.xml.gz", "masters.xml.gz", "releases.xml.gz", "CHECKSUM.txt")
    assert [path.name for path in month] == [f"discogs_20260101_{kind}" for kind in kinds]
    assert sorted(month[0].parent.iterdir()) == sorted(month)


def test_checksums_are_the_files_own(month: list[Path]) -> None:
    *dumps, checksums = month
    expected = [f"{hashlib.sha256(p.read_bytes()).hexdigest()} {p.name}\n" for p in dumps]
    assert checksums.read_text() == "".join(expected)


def test_gzip_headers_hold_neither_name_nor_time(month: list[Path]) -> None:
    for path in month[:-1]:
        header = path.read_bytes()[:10]
        assert header[:4] == b"\x1f\x8b\x08\x00"
        assert header[4:8] == b"\x00" * 4


@pytest.mark.parametrize("entity", list(Entity))
def test_records_begin_lines_and_there_is_no_declaration(month: list[Path], entity: Entity) -> None:
    raw = _raw(month[list(Entity).index(entity)])
    tag = entity.value.encode()
    assert raw.startswith(b"<" + tag + b"s>\n<" + tag)
    assert raw.endswith(b"</" + tag + b">\n</" + tag + b"s>\n")
    starts = raw.count(b"\n<" + tag)
    assert starts == raw.count(b"</" + tag + b">\n")
    assert starts > 50


def test_only_the_dumps_own_escapes_occur(month: list[Path]) -> None:
    raw = b"".join(_raw(path) for path in month[:-1])
    found = set(re.findall(rb"&[^;]*;", raw))
    assert found <= {b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&#13;", b"&#9;"}
    assert {b"&amp;", b"&lt;", b"&gt;", b"&#13;"} <= found
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]|<!|<\?", raw)


def test_attributes_escape_what_text_leaves_alone(tmp_path: Path) -> None:
    raw = _raw(write_dumps(Plan(releases=1500), tmp_path)[3])
    assert b"&#9;" in raw
    assert b"&quot;" in raw
    assert b'>12"<' in raw


def test_a_catalogue_of_one_release(tmp_path: Path) -> None:
    paths = write_dumps(Plan(releases=1), tmp_path)
    assert _raw(paths[2]) == b"<masters>\n</masters>\n"
    assert _raw(paths[3]).count(b'<release id="1">') == 1


def test_writing_twice_replaces_the_files(tmp_path: Path) -> None:
    plan = Plan(releases=10)
    first = [path.read_bytes() for path in write_dumps(plan, tmp_path)]
    assert [path.read_bytes() for path in write_dumps(plan, tmp_path)] == first
    assert len(list(tmp_path.iterdir())) == 5


def test_a_directory_in_the_way_leaves_nothing_half_written(tmp_path: Path) -> None:
    plan = Plan(releases=10)
    (tmp_path / plan.file_name(Entity.LABEL)).mkdir()
    with pytest.raises(OSError, match="labels"):
        write_dumps(plan, tmp_path)
    assert not list(tmp_path.glob(".*"))
    assert not (tmp_path / plan.checksum_name).exists()
