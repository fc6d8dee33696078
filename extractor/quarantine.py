"""Records that cannot be loaded, kept with their reason: one JSON line each, and read back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog

from common.entities import Entity
from common.errors import WaxlineError
from common.outputs import text_of
from extractor.selecting.selector import BadRecord

log = structlog.get_logger()

_LOGGED_ONE_BY_ONE = 20
_RAW_LIMIT = 1_000_000
_NO_FILE = Path()

FOLDER = "quarantine"
"""Below the data folder."""


class Quarantine:
    """A file per run; it is made with the first record."""

    def __init__(
        self, folder: Path, entity: Entity, dump: int, run: int, file: Path = _NO_FILE
    ) -> None:
        self.path = folder / FOLDER / f"{dump}-{entity.plural}-{run}.jsonl"
        self.count = 0
        self._entity = entity
        self._dump = dump
        self._run = run
        self._file = text_of(file.resolve()) if file.name else ""

    def add(self, record: BadRecord) -> None:
        """Write the record down; the first few also to the log."""
        self.count += 1
        if self.count <= _LOGGED_ONE_BY_ONE:
            log.warning(
                "record_quarantined",
                entity=self._entity,
                id=record.id,
                offset=record.offset,
                reason=record.reason,
                file=text_of(self.path),
            )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(self._line(record))
        except OSError as error:
            raise WaxlineError(f"{self.path}: cannot be written: {error.strerror}") from error

    def _line(self, record: BadRecord) -> bytes:
        return orjson.dumps(
            {
                "entity": self._entity,
                "id": record.id,
                "dump": self._dump,
                "run": self._run,
                "offset": record.offset,
                "file": self._file,
                "length": len(record.raw),
                "reason": record.reason,
                # latin-1 keeps every byte, whatever is wrong with them
                "raw": record.raw[:_RAW_LIMIT].decode("latin-1"),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


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
