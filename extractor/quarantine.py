"""Records that cannot be loaded, kept with their reason: one JSON line each."""

from pathlib import Path

import orjson
import structlog

from common.entities import Entity
from common.errors import WaxlineError
from common.paths import text_of
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
