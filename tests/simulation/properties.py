"""What must hold at every commit of a sink, told from outside: by the dumps, not by the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.messages import Headers
from common.reports import State
from common.run_rules import RANGE_SIZE
from loaders.runs import RunRow
from tests.fakes.database import MemoryDatabase, Snapshot, Tables
from tests.simulation.dumps import ENTITY, Kind, Month, Promise


@dataclass
class Deletions:
    """How many rows a run may delete, as of its first deletion, and how many it has."""

    allowed: float
    done: int = 0


@dataclass
class History:
    """What one run has come to in a database."""

    equal: set[int] = field(default_factory=set)
    deletions: Deletions | None = None


class WatchedDatabase(MemoryDatabase):
    """Looks at every commit and writes down, in ``wrongs``, what must not have happened."""

    def __init__(self, name: str, promises: Mapping[int, Promise], wrongs: list[str]) -> None:
        super().__init__(name)
        self._promises = promises
        self._wrongs = wrongs
        self._histories: dict[int, History] = {}

    def commit(self, headers: Headers, tables: Tables) -> None:
        """Check a transaction, then let it happen."""
        before = self.tables[headers.entity]
        promise = self._promises[headers.run]
        self._check_row(before.row, tables.row, promise)
        self._check_content(before, tables, promise)
        super().commit(headers, tables)
        self._check_equal_ranges(tables)
        self._check_complete(tables)

    def restore(self, snapshot: Snapshot) -> None:
        """Start the history anew too."""
        super().restore(snapshot)
        self._histories = {}

    def recreate(self) -> None:
        """Start the history anew too."""
        super().recreate()
        self._histories = {}

    def compare(self) -> None:
        """Do nothing: there is nothing beside it that would have to be the same."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def differences(self, promise: Promise) -> list[str]:
        """Return in what the database differs from the run's dump."""
        return differences(self.tables[ENTITY], promise)

    def _check_row(self, before: RunRow | None, after: RunRow | None, promise: Promise) -> None:
        if before is None or after is None:
            return
        if after.run < before.run:
            self._say(f"run {before.run} went back to {after.run}")
        if after.dump < before.dump and not promise.allow_older:
            self._say(f"dump {before.dump} went back to {after.dump}, and nobody allowed it")

    def _check_content(self, before: Tables, after: Tables, promise: Promise) -> None:
        for record_id, held in before.rows.items():
            if after.rows.get(record_id) is held:
                continue
            if held.run > promise.run:
                self._say(f"run {promise.run} changed {record_id}, which {held.run} wrote")
            if record_id not in after.rows:
                self._check_deletion(record_id, before, promise)

    def _check_deletion(self, record_id: int, before: Tables, promise: Promise) -> None:
        month = promise.month
        if month.cut or month.holds_deletions or record_id in month.firsts:
            self._say(f"{record_id} was deleted, and the dump does not say so")
        history = self._history(promise.run)
        deletions = history.deletions = history.deletions or _allowance(before, promise)
        deletions.done += 1
        if deletions.done > deletions.allowed:
            self._say(f"more than a tenth was deleted: {deletions.done} rows")

    def _check_equal_ranges(self, tables: Tables) -> None:
        if tables.row is None:
            return
        equal = _equal_ranges(tables, self._promises[tables.row.run])
        history = self._history(tables.row.run)
        if spoilt := history.equal - equal:
            self._say(f"ranges {spoilt} were equal once in this run, and are not any more")
        history.equal = equal

    def _check_complete(self, tables: Tables) -> None:
        if tables.row and tables.row.state is State.COMPLETE:
            promise = self._promises[tables.row.run]
            for difference in differences(tables, promise):
                self._say(f"complete, but {difference}")
            self._check_exceptions(tables, tables.row, promise.month)

    def _check_exceptions(self, tables: Tables, row: RunRow, month: Month) -> None:
        kept = tables.fingerprints().keys() - month.firsts.keys()
        others = len(tables.rejections) + len(kept)
        if row.exceptions - others not in month.left_out:
            self._say(
                f"complete but for {row.exceptions} ({row.detail}), which are {others} and "
                f"{month.left_out} of the dump"
            )

    def _history(self, run: int) -> History:
        return self._histories.setdefault(run, History())

    def _say(self, wrong: str) -> None:
        self._wrongs.append(f"{self.name}: {wrong}")


def differences(tables: Tables, promise: Promise) -> list[str]:
    """Return in what tables differ from a run's dump, the allowed exceptions left out."""
    month = promise.month
    found = ["the dump is not whole"] if month.cut else []
    for record_id, entry in month.good.items():
        row = tables.rows.get(record_id)
        rejection = tables.rejections.get(record_id)
        if entry.kind is Kind.POISON and rejection:
            right = rejection.fingerprint == entry.fingerprint
        else:
            right = row is not None and not rejection
            right = right and row is not None and row.data == {"name": entry.name}
        if not right:
            found.append(f"{record_id} is {row} {rejection} instead of {entry}")
    if not month.holds_deletions:
        surplus = tables.fingerprints().keys() - month.firsts.keys()
        found += [f"{record_id} is there" for record_id in surplus]
    return found


def _allowance(before: Tables, promise: Promise) -> Deletions:
    row = before.row
    base = len(before.rows)
    if row and row.rows_at_complete:
        base = min(base, row.rows_at_complete)
    return Deletions(float("inf") if promise.allow_deletions else base / 10)


def _equal_ranges(tables: Tables, promise: Promise) -> set[int]:
    month = promise.month
    held = {i: f for i, f in tables.fingerprints().items() if i not in month.quarantined}
    wanted = month.fingerprints
    numbers = {record_id // RANGE_SIZE for record_id in (*held, *wanted)}
    unequal = {i // RANGE_SIZE for i in held.keys() | wanted.keys() if held.get(i) != wanted.get(i)}
    return numbers - unequal
