"""What a round loads: two months of a small catalogue, and a canary after them."""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from generator import Plan
from tests.acceptance.material import month, rewritten

_CATALOGUES = 8
"""Different catalogues of one size: making and reading one takes as long as loading it."""


@dataclass(frozen=True)
class Months:
    """The dumps of two months in loading order, and a third dump with one record changed."""

    first: Sequence[Path]
    second: Sequence[Path]
    canary: Path

    @property
    def both(self) -> tuple[Sequence[Path], Sequence[Path]]:
        """The two months."""
        return self.first, self.second


class Material:
    """Makes months in one folder, once each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.months = lru_cache(maxsize=None)(self._months)

    def of(self, releases: int, seed: int) -> Months:
        """Return the months of a catalogue of this size."""
        return self.months(releases, seed % _CATALOGUES)

    def _months(self, releases: int, seed: int) -> Months:
        plan = Plan(releases=releases, seed=seed, changed=0.1, added=0.05, deleted=0.03)
        folder = self._folder / f"{releases}-{seed}"
        first, second = (month(plan, number, folder) for number in (1, 2))
        return Months(first, second, _canary(second[0], folder))


def _canary(dump: Path, folder: Path) -> Path:
    """Write a month's first dump once more, a month later, with one record changed."""
    made = rewritten(dump, folder / "canary", _changed)
    return made.rename(made.with_name(made.name.replace("0201_", "0301_")))


def _changed(records: list[bytes]) -> list[bytes]:
    return [records[0].replace(b"<name>", b"<name>Canary ", 1), *records[1:]]


def spoiled(dump: Path, folder: Path, at: float, byte: int | None) -> Path:
    """Write a dump cut off, or with one byte changed by ``byte``, at this share of its length."""
    content = bytearray(dump.read_bytes())
    place = int(at * len(content))
    if byte is None:
        del content[place:]
    else:
        content[place] ^= byte
    folder.mkdir(exist_ok=True)
    made = folder / dump.name
    made.write_bytes(content)
    return made


def reads_as(dump: Path, other: Path) -> bool:
    """Tell whether a dump still unpacks to the same XML as another."""
    try:
        return gzip.decompress(dump.read_bytes()) == gzip.decompress(other.read_bytes())
    except (OSError, EOFError, zlib.error):
        return False
