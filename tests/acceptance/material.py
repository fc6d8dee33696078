"""Dumps for the tests: months of a generated catalogue, and files spoiled on purpose."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from common.entities import LOAD_ORDER
from generator import Plan, write_dumps
from tests.oracle.history import cut, unpacked


def month(plan: Plan, number: int, folder: Path) -> list[Path]:
    """Write a month of a plan; return its four dumps, in loading order."""
    return write_dumps(replace(plan, month=number), folder)[: len(LOAD_ORDER)]


def rewritten(dump: Path, folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    """Write a dump's records, changed, to another folder under the same name."""
    root = dump.name.split("_")[2].partition(".")[0].encode()
    records = change(list(cut(unpacked(dump))))
    lines = [b"<" + root + b">", *records, b"</" + root + b">", b""]
    folder.mkdir(exist_ok=True)
    spoiled = folder / dump.name
    spoiled.write_bytes(gzip.compress(b"\n".join(lines)))
    return spoiled
