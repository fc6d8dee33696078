"""1 to 19: what can be wrong with the file."""

import gzip
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.integration.bad_inputs.cases import DATE, Bad, Case, Make, Place, packed, plain, whole

_MEGABYTE = 1_000_000
_OLDER = 20260701


def _flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def _members(*parts: bytes) -> bytes:
    return b"".join(gzip.compress(part, mtime=0) for part in parts)


def _split_within_a_record(raw: bytes) -> bytes:
    xml = gzip.decompress(raw)
    middle = xml.index(b"<title>", len(xml) // 2) + 3
    return _members(xml[:middle], xml[middle:])


def _bomb(*parts: bytes, megabytes: int = 70) -> Make:
    """Make a gzip of a head, of the same byte over and over, and of a tail."""
    head, middle, tail = parts

    def pieces() -> Iterator[bytes]:
        packer = zlib.compressobj(9, wbits=31)
        yield packer.compress(head)
        for _ in range(megabytes):
            yield packer.compress(middle * _MEGABYTE)
        yield packer.compress(tail) + packer.flush()

    def make(place: Place) -> Path:
        path = place.dump(ending=".gz")
        path.write_bytes(b"".join(pieces()))
        return path

    return make


def _fifo(place: Place) -> Path:
    os.mkfifo(place.dump())
    return place.dump()


def _directory(place: Place) -> Path:
    place.dump().mkdir()
    return place.dump()


def _link_to(target: Path) -> Make:
    def make(place: Place) -> Path:
        place.dump().symlink_to(target)
        return place.dump()

    return make


def _link(place: Place) -> Path:
    target = place.folder / "elsewhere"
    target.write_bytes(whole(place))
    return _link_to(target)(place)


def _by_way_of_the_parent(place: Place) -> Path:
    (place.folder / "below").mkdir()
    path = plain(whole)(place)
    return place.folder / "below" / ".." / path.name


def _named_within(raw: bytes) -> bytes:
    """Give the gzip the name of a file elsewhere, as its header may."""
    return raw[:3] + b"\x08" + raw[4:10] + b"../../elsewhere.xml\0" + raw[10:]


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\n")


def _put_another_in_place(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(b"<releases>\n</releases>\n")
    other.rename(path)


def _with_checksum(listed: bytes) -> Make:
    """Make a dump beside a CHECKSUM file that has the hash of something else."""

    def make(place: Place) -> Path:
        path = plain(whole)(place)
        listing = place.folder / f"discogs_{DATE}_CHECKSUM.txt"
        listing.write_bytes(listed + b" " + path.name.encode() + b"\n")
        return path

    return make


def _of_an_older_date(place: Place) -> Path:
    path = place.dump(date=_OLDER)
    path.write_bytes(whole(place))
    return path


_NO_FILE = ("not a regular file",)
_DAMAGED = ("gzip stream is damaged near byte",)
_CUT = ("gzip stream is cut short at byte",)
_BOMB = ("unpacks to more than 150 times its size: its first", "bytes")

CASES = (
    Case(1, "empty file", plain(lambda _: b""), ("it is empty",)),
    Case(
        2,
        "root without records",
        plain(lambda _: b"<releases>\n</releases>\n"),
        ("it holds no releases",),
    ),
    Case(3, "gzip cut mid-block", packed(lambda raw: raw[: len(raw) // 2]), _CUT),
    Case(4, "gzip without its trailer", packed(lambda raw: raw[:-8]), _CUT),
    Case(5, "CRC flipped", packed(lambda raw: _flipped(raw, len(raw) - 6)), _DAMAGED),
    Case(
        6,
        "ISIZE wrong",
        packed(lambda raw: raw[:-4] + struct.pack("<I", 1 + struct.unpack("<I", raw[-4:])[0])),
        _DAMAGED,
    ),
    Case(7, "trailing zeros", packed(lambda raw: raw + bytes(5_000))),
    Case(8, "trailing garbage", packed(lambda raw: raw + b"garbage" * 5), _DAMAGED),
    Case(8, "trailing garbage of a few bytes", packed(lambda raw: raw + b"garbage"), _CUT),
    Case(9, "two members split mid-record", packed(_split_within_a_record)),
    Case(
        10,
        "two whole documents",
        packed(lambda raw: raw + raw),
        ("after </releases> there is more, at byte",),
    ),
    Case(11, "plain XML named gz", packed(gzip.decompress)),
    Case(12, "gzip of a gzip", packed(_members), ("compressed twice",)),
    Case(
        13,
        "bomb between records",
        _bomb(b"<releases>\n", b" ", b"</releases>"),
        _BOMB,
    ),
    Case(
        13,
        "bomb within a record",
        _bomb(b'<releases>\n<release id="2"><title>', b"x", b"</title></release>\n</releases>"),
        _BOMB,
        quarantined=(Bad("longer than 16000000 bytes", kept=4_096),),
        megabytes=150,
    ),
    Case(14, "FIFO", _fifo, _NO_FILE),
    Case(14, "device", _link_to(Path("/dev/zero")), _NO_FILE),
    Case(14, "directory", _directory, ("it is a directory",)),
    Case(15, "symbolic link", _link),
    Case(15, "symbolic link to nothing", _link_to(Path("nowhere")), ("no such file",)),
    Case(16, "path with dots", _by_way_of_the_parent),
    Case(16, "gzip that names a file elsewhere", packed(_named_within)),
    Case(17, "changed while read", plain(whole), ("it changed while it was read",), meddle=_append),
    Case(17, "replaced while read", plain(whole), meddle=_put_another_in_place),
    Case(18, "checksum of something else", _with_checksum(b"0" * 64), ("SHA-256", "CHECKSUM")),
    Case(19, "name of an older month", _of_an_older_date, refused_by_sinks=f"dump of {_OLDER}"),
)
