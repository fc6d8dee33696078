"""A dump is read whole or refused, whatever is wrong with its file."""

import gzip
import hashlib
import os
import struct
from pathlib import Path

import pytest

from common.entities import Entity
from common.errors import DumpError
from extractor.source import BLOCK_BYTES, Source
from tests.unit.extractor.documents import regular_record, wrapped

XML = wrapped(Entity.RELEASE, [regular_record(Entity.RELEASE, i, "é" * i) for i in range(1, 40)])
PACKED = gzip.compress(XML, mtime=0)


def read(path: Path, sha256: str | None = None) -> bytes:
    """Read a file to its end and check it."""
    with Source(path) as source:
        whole = b"".join(iter(source.read_block, b""))
        source.check(sha256)
        assert source.position == source.size == path.stat().st_size
    return whole


def packed(path: Path, content: bytes) -> Path:
    """Write a file of this content."""
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        XML,
        PACKED,
        gzip.compress(XML[:500]) + gzip.compress(XML[500:]),
        gzip.compress(b"") + PACKED,
        PACKED + bytes(1000),
        gzip.compress(XML, 0),
    ],
    ids=["plain", "gzip", "two members", "an empty member", "zeros behind", "stored"],
)
def test_what_can_be_read(tmp_path: Path, content: bytes) -> None:
    assert read(packed(tmp_path / "releases.xml.gz", content)) == XML


def test_many_blocks(tmp_path: Path) -> None:
    content = os.urandom(BLOCK_BYTES // 2 * 5)
    path = packed(tmp_path / "a", gzip.compress(content, 1))
    with Source(path) as source:
        positions, sizes = [source.position], []
        while block := source.read_block():
            positions.append(source.position)
            sizes.append(len(block))
    assert sizes == [BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES // 2]
    assert positions == sorted(positions)
    assert positions[0] == 0 < positions[1]
    assert positions[-1] == path.stat().st_size


def test_an_empty_file_yields_nothing(tmp_path: Path) -> None:
    assert read(packed(tmp_path / "a", b"")) == b""


@pytest.mark.parametrize("members", [1, 2])
def test_a_gzip_cut_short_anywhere(tmp_path: Path, members: int) -> None:
    whole = PACKED if members == 1 else gzip.compress(XML[:500]) + gzip.compress(XML[500:])
    boundary = len(gzip.compress(XML[:500])) if members == 2 else 0
    for length in (*range(2, 40), *range(40, len(whole), 7), *range(len(whole) - 9, len(whole))):
        if length != boundary:  # there it is a whole file, whose root is not closed
            with pytest.raises(DumpError, match=r"cut short|damaged"):
                read(packed(tmp_path / "a", whole[:length]))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PACKED[:-8] + struct.pack("<I", 1) + PACKED[-4:], "damaged"),
        (PACKED[:-4] + struct.pack("<I", len(XML) + 1), "damaged"),
        (PACKED + b"garbage", "damaged"),
        (PACKED + bytes(8) + b"garbage", "damaged"),
        (PACKED[:2] + b"\x07" + PACKED[3:], "damaged"),
        (PACKED[:12] + bytes(len(PACKED) - 20) + PACKED[-8:], "damaged|cut short"),
    ],
    ids=["CRC", "ISIZE", "garbage behind", "zeros and garbage behind", "method", "zeros within"],
)
def test_a_damaged_gzip(tmp_path: Path, content: bytes, reason: str) -> None:
    path = packed(tmp_path / "a", content)
    with pytest.raises(DumpError, match=reason) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    for place in range(10, len(PACKED), 5):
        content = PACKED[:place] + bytes([PACKED[place] ^ 4]) + PACKED[place + 1 :]
        with pytest.raises(DumpError, match=r"cut short|damaged"):
            read(packed(tmp_path / "a", content))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = packed(tmp_path / "a", gzip.compress(bytes(60_000_000), 9))
    sizes: list[int] = []
    with Source(path) as source, pytest.raises(DumpError, match="more than 150 times"):
        sizes.extend(map(len, iter(source.read_block, b"")))
    assert sum(sizes) <= 50_000_000


def test_a_fifo_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(DumpError, match="not a regular file"):
        Source(path)


@pytest.mark.parametrize(
    ("name", "reason"), [(".", "not a regular file"), ("none", "No such file")]
)
def test_what_is_no_file(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(DumpError, match=reason):
        Source(tmp_path / name)


def test_a_device_is_refused() -> None:
    with pytest.raises(DumpError, match="not a regular file"):
        Source(Path(os.devnull))


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(packed(tmp_path / "a", PACKED))
    assert read(tmp_path / "link") == XML


@pytest.mark.parametrize("content", [XML, PACKED])
def test_the_checksum(tmp_path: Path, content: bytes) -> None:
    path = packed(tmp_path / "a", content)
    assert read(path, hashlib.sha256(content).hexdigest()) == XML
    with pytest.raises(DumpError, match="SHA-256 is not the one"):
        read(path, hashlib.sha256(content + b"x").hexdigest())


@pytest.mark.parametrize("change", ["grown", "touched", "cut"])
def test_a_file_changed_while_it_is_read(tmp_path: Path, change: str) -> None:
    path = packed(tmp_path / "a", XML)
    with Source(path) as source:
        source.read_block()
        if change == "touched":
            os.utime(path, ns=(0, 0))
        else:
            path.write_bytes(XML + b"x" if change == "grown" else XML[:-1])
        with pytest.raises(DumpError, match="changed while it was read"):
            source.check(None)


def test_a_file_put_in_its_place_is_not_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "a", XML)
    with Source(path) as source:
        packed(tmp_path / "b", b"other").rename(path)
        assert source.read_block() == XML
        source.check(None)
