"""What the extractor remembers of its readings, one JSON line each: the store forgets them."""

from pathlib import Path

import orjson
import structlog

from common.entities import Entity
from common.outputs import text_of
from common.reports import Progress

FILE = "readings.jsonl"
"""In the data folder."""

log = structlog.get_logger()


def note_run(data_folder: Path, progress: Progress) -> None:
    """Note a reading that has ended; it must not fail for that."""
    noted = {**progress, "file": text_of(Path(progress["file"]).resolve())}
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        with (data_folder / FILE).open("ab") as file:
            file.write(orjson.dumps(noted, option=orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        log.warning("reading_not_noted", run=progress["run"], error=str(error))


def noted_runs(data_folder: Path) -> dict[int, Progress]:
    """Return the readings noted, by run; lines that cannot be read are left out."""
    path = data_folder / FILE
    lines = path.read_bytes().splitlines() if path.is_file() else []
    found = (_progress(line) for line in lines)
    return {progress["run"]: progress for progress in found if progress}


def _progress(line: bytes) -> Progress | None:
    try:
        progress: Progress = orjson.loads(line)
        progress["entity"] = Entity(progress["entity"])
        return progress if progress.keys() >= Progress.__required_keys__ else None
    except (ValueError, KeyError, TypeError):
        return None
