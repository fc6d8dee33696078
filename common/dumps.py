"""What a dump file says of itself: entity and date from its name, a checksum from beside it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError

_DATE = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_PATTERN = re.compile(r"[*?\[]")
_SCHEMES = ("http:", "https:", "s3:", "ftp:")
_CHECKSUM_LINE = re.compile(r"^([0-9a-f]{64}) [ *]?(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dump:
    """One file to read; ``date`` as eight digits."""

    path: Path
    entity: Entity
    date: int
    sha256: str | None


def find_dumps(paths: Iterable[Path], dump_date: int | None = None) -> list[Dump]:
    """Return the dumps in loading order, whatever order they are given in.

    ``dump_date`` is for files whose names have none.  Raises `DumpError` for a file whose
    entity or date cannot be told, and for two files of one entity.
    """
    dumps = [_describe(path, dump_date) for path in paths]
    for entity in LOAD_ORDER:
        same = [str(dump.path) for dump in dumps if dump.entity is entity]
        if len(same) > 1:
            raise DumpError(f"two files of {entity.plural}: {', '.join(same)}: load one by one")
    return sorted(dumps, key=lambda dump: LOAD_ORDER.index(dump.entity))


def _describe(path: Path, dump_date: int | None) -> Dump:
    if path.parts[:1] and path.parts[0] in _SCHEMES:
        url = str(path).replace("/", "//", 1)  # a path has but one of the two
        raise DumpError(f"{url}: waxline reads files: fetch it first (curl -O), and name the file")
    if not path.exists():
        raise DumpError(f"{path}: there is no such file{_pattern(path)}")
    if path.is_dir():
        raise DumpError(f"{path}: it is a directory: name the files in it: {path / '*.xml.gz'}")
    entity = next((entity for entity in LOAD_ORDER if entity.plural in path.name), None)
    if entity is None:
        raise DumpError(
            f"{path}: its name says none of artists, labels, masters, releases "
            "(as in discogs_20260401_releases.xml.gz)"
        )
    return Dump(path, entity, dump_date or _date(path), _checksum(path))


def _pattern(path: Path) -> str:
    """Return what to say of a pattern that the shell has left as it was."""
    if not _PATTERN.search(str(path)):
        return ""
    return ": a shell puts names in place of a pattern, unless it is quoted or matches nothing"


def _date(path: Path) -> int:
    for digits in _DATE.findall(path.name):
        try:
            date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
        except ValueError:
            continue
        return int(digits)
    raise DumpError(f"{path}: its name has no date of eight digits; --date gives one")


def _checksum(path: Path) -> str | None:
    """Find the file's SHA-256 in a CHECKSUM file of the same month beside it."""
    for listing in sorted(path.parent.glob("*CHECKSUM.txt")):
        for digest, name in _CHECKSUM_LINE.findall(_read(listing)):
            if name == path.name:
                return str(digest)
    return None


def _read(listing: Path) -> str:
    try:
        return listing.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DumpError(f"{listing}: cannot be read: {error.strerror}") from error
