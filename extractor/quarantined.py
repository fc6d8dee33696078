"""Reads the files of the quarantine back, without holding the records' text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from common.entities import Entity
from extractor.quarantine import FOLDER

_NAME = re.compile(r"(\d+)-([a-z]+)s-(\d+)")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A line of a file: ``offset`` is in bytes of the dump's XML, ``length`` is the record's.

    ``id`` is None when it could not be read, ``file`` is the dump's path, empty when it was not
    noted.  The line itself begins at ``position`` of ``path``.
    """

    entity: Entity
    id: int | None
    dump: int
    run: int
    offset: int
    length: int
    file: str
    reason: str
    path: Path
    position: int

    def raw(self) -> bytes:
        """Return the record's bytes, or as many of them as were kept."""
        with self.path.open("rb") as file:
            file.seek(self.position)
            line = file.readline()
        try:
            return str(orjson.loads(line)["raw"]).encode("latin-1")
        except (ValueError, KeyError, TypeError):
            return line


def read_quarantine(data_folder: Path) -> Iterator[Quarantined]:
    """Yield all that is in quarantine, run by run; raise `OSError`."""
    paths = [path for path in (data_folder / FOLDER).glob("*.jsonl") if _NAME.match(path.stem)]
    for path in sorted(paths, key=_run_of):
        position = 0
        with path.open("rb") as file:
            for line in file:
                yield _quarantined(path, position, line)
                position += len(line)


def _run_of(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _quarantined(path: Path, position: int, line: bytes) -> Quarantined:
    dump, entity, run = path.stem.split("-")
    try:
        said = orjson.loads(line)
        return Quarantined(
            entity=Entity(said["entity"]),
            id=said["id"],
            dump=said["dump"],
            run=said["run"],
            offset=said["offset"],
            length=said.get("length", len(said["raw"])),
            file=said.get("file", ""),
            reason=said["reason"],
            path=path,
            position=position,
        )
    except (ValueError, KeyError, TypeError):
        # Its extractor was killed while it wrote, or the disk was full.
        reason = f"the line at {position} of {path} is broken"
        kind, text = Entity(entity.removesuffix("s")), len(line)
        return Quarantined(kind, None, int(dump), int(run), -1, text, "", reason, path, position)
