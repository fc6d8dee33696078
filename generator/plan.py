"""What a synthetic catalogue looks like: its size, its seed, its month, what a month changes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from common.entities import Entity

FIRST_YEAR = 2026

DumpShape: TypeAlias = Literal["current", "old"]
"""Today's elements, or those of 2020 and before."""

SHAPES: tuple[DumpShape, ...] = get_args(DumpShape)

PER_RELEASE = {Entity.ARTIST: 0.525, Entity.LABEL: 0.124, Entity.RELEASE: 1.0}
"""Records of an entity for each release, as in the full dump of June 2026."""

BLOCK = 15
MASTERS_PER_BLOCK = 2
"""Fifteen neighbouring releases share two masters: 0.133 masters per release."""


@dataclass(frozen=True)
class Plan:
    """A catalogue in one month.

    ``changed``, ``added``, ``deleted`` and ``returned`` are shares of the records per month;
    a returned record goes back to its content of two months ago, or comes back after a month
    of absence.  Releases that name a merged artist or label change besides: those shares are
    of what records do by themselves.  Raises ``ValueError`` for numbers that make no catalogue.
    """

    releases: int = 20_000
    seed: int = 1
    month: int = 1
    changed: float = 0.02
    added: float = 0.01
    deleted: float = 0.002
    returned: float = 0.002
    shape: DumpShape = "current"

    def __post_init__(self) -> None:
        """Refuse what makes no catalogue, naming the bad value."""
        _within("releases", self.releases, 1, 100_000_000)
        _within("seed", self.seed, 0, 2**63 - 1)
        _within("month", self.month, 1, 1200)
        for name in ("changed", "added", "deleted", "returned"):
            _within(name, getattr(self, name), 0.0, 0.3)
        if self.shape not in SHAPES:
            raise ValueError(f"shape must be {' or '.join(SHAPES)}, not {self.shape}")

    @property
    def old(self) -> bool:
        """Whether the dumps have the shape of 2020 and before."""
        return self.shape == "old"

    @property
    def dump_date(self) -> int:
        """The first day of the month in eight digits: 20260101 for month 1."""
        years, months = divmod(self.month - 1, 12)
        return (FIRST_YEAR + years) * 10_000 + (months + 1) * 100 + 1

    def slots(self, entity: Entity, month: int) -> int:
        """How many records of an entity have ever existed up to a month."""
        if entity is Entity.MASTER:
            return self.slots(Entity.RELEASE, month) // BLOCK * MASTERS_PER_BLOCK
        first = max(1, int(self.releases * PER_RELEASE[entity] + 0.5))
        return first + int(first * self.added * (month - 1) + 0.5)

    def file_name(self, entity: Entity) -> str:
        """The name of the entity's dump, as Discogs gives it."""
        return f"discogs_{self.dump_date}_{entity.plural}.xml.gz"

    @property
    def checksum_name(self) -> str:
        """The name of the list of checksums, the last file of a month to appear."""
        return f"discogs_{self.dump_date}_CHECKSUM.txt"


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} must be between {least} and {most}, not {value}")
