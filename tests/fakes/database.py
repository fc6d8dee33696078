"""What a sink in memory holds: it changes by whole transactions, each checked for its run."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace

from common.entities import Entity
from common.errors import RunSupersededError
from common.messages import Headers, Range
from common.records import RecordData
from loaders.runs import RUNS_KEPT, PastRun, RunRow, with_current
from loaders.sink import Rejection, Written


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it is held, and the run that wrote it."""

    fingerprint: int
    data: RecordData
    dump: int
    run: int


@dataclass
class Tables:
    """All that a sink holds of one entity."""

    row: RunRow | None = None
    rows: dict[int, Row] = field(default_factory=dict)
    rejections: dict[int, Rejection] = field(default_factory=dict)
    ranges: dict[int, Range] = field(default_factory=dict)
    history: dict[int, PastRun] = field(default_factory=dict)
    deletions: set[tuple[int, int]] = field(default_factory=set)
    """Ids, each with the dump that no longer had it."""

    def copy(self) -> "Tables":
        """Return tables that can be changed without these."""
        return Tables(
            self.row,
            dict(self.rows),
            dict(self.rejections),
            dict(self.ranges),
            dict(self.history),
            set(self.deletions),
        )

    def count(self, written: Written, deleted: int = 0) -> None:
        """Add what a transaction did to the run's row."""
        row = self.row
        self.row = row and replace(
            row,
            loaded=row.loaded + written.loaded,
            unchanged=row.unchanged + written.unchanged,
            rejected=row.rejected + written.rejected,
            deleted=row.deleted + deleted,
        )

    def note_run(self, started: float = 0, ended: float = 0) -> None:
        """Remember the current run as it is, and forget the oldest."""
        row = self.row
        if row is None:
            return
        noted = self.history.get(row.run)
        noted = noted or PastRun(row.entity, row.run, row.dump, "", "", started, 0)
        noted = replace(noted, ended=ended or noted.ended)
        (self.history[row.run],) = with_current([noted], {row.entity: row}, 1)
        for run in sorted(self.history)[:-RUNS_KEPT]:
            del self.history[run]

    def fingerprints(self, first: int = 0, last: int = 2**31) -> dict[int, int]:
        """Return fingerprints by id, a rejection's in place of its row's."""
        held = {i: row.fingerprint for i, row in self.rows.items()}
        held |= {i: rejection.fingerprint for i, rejection in self.rejections.items()}
        return {i: fingerprint for i, fingerprint in held.items() if first <= i < last}


@dataclass(frozen=True)
class Snapshot:
    """A database as it was."""

    generation: int
    tables: dict[Entity, Tables]
    refused: dict[int, str]


class MemoryDatabase:
    """What outlives the loaders."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.generation = 1
        self.tables: dict[Entity, Tables] = {}
        self.refused: dict[int, str] = {}
        self._make()

    @property
    def identity(self) -> str:
        """What tells this database from itself recreated."""
        return f"{self.name}-{self.generation}"

    def recreate(self) -> None:
        """Lose everything, and be another database from now on."""
        self.generation += 1
        self._make()

    def snapshot(self) -> Snapshot:
        """Return a copy of everything."""
        return Snapshot(self.generation, deepcopy(self.tables), dict(self.refused))

    def restore(self, snapshot: Snapshot) -> None:
        """Be as at the time of a snapshot again, the identity included."""
        self.generation = snapshot.generation
        self.tables = deepcopy(snapshot.tables)
        self.refused = dict(snapshot.refused)

    @contextmanager
    def transaction(self, headers: Headers) -> Iterator[Tables]:
        """Give tables to change; they are held from the end on, if the run is still current."""
        tables = self.tables[headers.entity].copy()
        yield tables
        self.check(headers, tables.row)
        self.commit(headers, tables)

    def check(self, headers: Headers, row: RunRow | None) -> None:
        """Raise `RunSupersededError` when another run is current."""
        if row is None or row.run != headers.run:
            raise RunSupersededError(f"run {headers.run} is no longer the current one")

    def commit(self, headers: Headers, tables: Tables) -> None:
        """Replace what is held of an entity, at once."""
        self.tables[headers.entity] = tables

    def _make(self) -> None:
        self.tables = {entity: Tables() for entity in Entity}
        self.refused = {}
