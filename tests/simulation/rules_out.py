"""The real parts with one rule of "The truth" taken out of each."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from common import verdicts
from common.broker import Delivery
from common.dumps import Dump
from common.entities import Entity
from common.errors import RunSupersededError, TerminalError
from common.messages import Headers, Range
from common.records import Record
from common.reports import Progress, SinkReport
from common.run_rules import RANGE_SIZE
from common.store import Binding, Store
from common.store.protocol import BLOCK_SIZE
from common.verdicts import Standing, Verdict
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.framing.splitter import Splitter
from extractor.run import Run
from extractor.selecting.fingerprints import Fingerprints
from extractor.selecting.presence import Presence
from extractor.selecting.selector import Selected, Selector
from extractor.services import Services
from loaders.batcher import Batch
from loaders.loop import Loop
from loaders.run_rows import RunRows
from loaders.runs import RunRow
from loaders.settling import Outcome, Settler
from loaders.sink import Written
from loaders.writer import Writer
from tests.fakes.broker import MemoryBroker
from tests.fakes.database import MemoryDatabase, Tables
from tests.fakes.sink import MemoryContent, MemorySink
from tests.simulation.dumps import ENTITY
from tests.simulation.properties import WatchedDatabase
from tests.simulation.servers import UnreliableStore

Reports = Mapping[str, SinkReport]
Clock = Callable[[], int]
Chance = Callable[[int], int]


class Unordered(Run):
    """Rule 1: its run is as high as its clock, whatever the sinks have seen."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, {}, clock, random)
        self._reports = reports


class Resumed(Run):
    """Rule 1: goes on with the run that the sinks are at."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, reports, clock, random)
        rows = [report["entities"].get(dump.entity) for report in reports.values()]
        self.run_id = max((row["run"] for row in rows if row), default=self.run_id)
        self._headers = replace(self._headers, run=self.run_id)
        self._progress["run"] = self.run_id


class Undiscerning(Loop):
    """Rule 2: takes a message of an older run for one of the current."""

    async def load(self, batch: Batch) -> None:
        """Load a batch of any run."""
        row = self._run_rows.rows.get(batch.entity)
        lowest = row.run if row else 0
        await super().load(Batch(batch.entity, [_raised(d, lowest) for d in batch.deliveries]))


class Obedient(RunRows):
    """Rule 2: lets an older dump in without being told to."""

    async def admits(self, headers: Headers) -> bool:
        """Admit as if the user had allowed it."""
        return await super().admits(replace(headers, allow_older=True))


class Unchecked(WatchedDatabase):
    """Rules 3 and 8: does not look at the run when it commits."""

    def check(self, headers: Headers, row: RunRow | None) -> None:
        """Find nothing."""


class Undecided(Run):
    """Rule 4: sends whatever content an id has, as often as it has one."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, reports, clock, random)
        self._fingerprints = _Careless(services.store, dump.entity)
        self._selector = _Undecided(dump.entity, self._fingerprints)


class _Careless(Fingerprints):
    def confirm(self, ids: Iterable[int]) -> None:
        for record_id in ids:
            block = self._blocks.get(record_id // BLOCK_SIZE)
            if block and block.expected:
                super().confirm([record_id])


class _Undecided(Selector):
    def _meet_again(self, record: RawRecord, first: int, selected: Selected) -> None:
        del first
        selected.changed.append(RawRecords.of(ENTITY, [record]))


class Trusting(Run):
    """Rule 5: does not look whether the root is closed."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, reports, clock, random)
        self._splitter = _Trusting(dump.entity, services.options.record_limit)


class _Trusting(Splitter):
    def finish(self) -> None:
        pass


class Tailless(Run):
    """Rule 5: sends ranges of what is there only."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, reports, clock, random)
        self._selector.presence = _Tailless()


class _Tailless(Presence):
    def ranges(self, allow_deletions: bool = False) -> list[Range]:
        used = [range_ for range_ in super().ranges(allow_deletions) if range_.bitmap]
        return [replace(range_, index=i, ranges=len(used)) for i, range_ in enumerate(used)]


class Hasty(Settler):
    """Rule 6: compares the ranges that are there, whether or not they are all."""

    async def settle(self, row: RunRow) -> Outcome:
        """Compare what has come so far."""
        ranges = await self._sink.bookkeeping.ranges(row.entity, row.run)
        try:
            return Outcome(0, await self._compare(row, ranges) if ranges else ())
        except RunSupersededError:
            return Outcome()


class Generous(Settler):
    """Rule 6: deletes as much as it likes."""

    async def _blocked(self, *_: object) -> str:
        return ""


class Incurious(Run):
    """Rule 6: takes a record whose id it cannot read for none."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, reports, clock, random)
        self._selector.presence = _Incurious()


class _Incurious(Presence):
    def ranges(self, allow_deletions: bool = False) -> list[Range]:
        self.hold_deletions = False
        return super().ranges(allow_deletions)


class Dismissive(Run):
    """Rule 7: takes a quarantined id for one that is not in the dump."""

    def __init__(
        self, dump: Dump, services: Services, reports: Reports, clock: Clock, random: Chance
    ) -> None:
        super().__init__(dump, services, reports, clock, random)
        self._selector.presence = _Dismissive()


class _Dismissive(Presence):
    def quarantine(self, record_id: int, fingerprint: int) -> None:
        super().quarantine(record_id, fingerprint)
        self.quarantined.discard(record_id)
        self.part(record_id // RANGE_SIZE).few.remove(record_id % RANGE_SIZE)


class Silent(Writer):
    """Rule 7: drops what the sink cannot hold."""

    async def _write_last(self, headers: Headers, records: Sequence[Record]) -> Written:
        try:
            return await self._sink.content.write(headers, records)
        except TerminalError:
            return Written()


class Resentful(MemorySink):
    """Rule 7: keeps a rejection for ever."""

    def __init__(self, database: MemoryDatabase, takes: Callable[[Record], bool]) -> None:
        super().__init__(database, takes)
        self.content = _Resentful(database, takes)


class _Resentful(MemoryContent):
    def _accept(self, tables: Tables, ids: Collection[int]) -> None:
        """Accept nothing."""


class Lenient(Settler):
    """Rule 8: finds every range equal."""

    async def _unequal(self, *_: object) -> list[Range]:
        return []


class Patient(Settler):
    """Rule 9: leaves the fingerprints of ranges that differ."""

    async def declare_unequal(self, row: RunRow, unequal: Sequence[Range], store: Store) -> None:
        """Declare, and forget nothing."""
        del unequal
        await super().declare_unequal(row, (), store)


class Credulous(UnreliableStore):
    """Rule 10: says that its fingerprints are those of whatever sinks there are."""

    async def binding(self, entity: Entity) -> Binding | None:
        """Name the sinks that report now."""
        del entity
        sinks: dict[str, str | None] = {
            name: report["identity"] for name, report in self._reports.items()
        }
        return Binding(run=0, sinks=sinks)


class Discreet(UnreliableStore):
    """Rule 10: tells nobody of refused runs."""

    async def put_report(self, report: SinkReport) -> None:
        """Replace a report, leaving out the refusals."""
        await super().put_report({**report, "refused": {}})


def _raised(delivery: Delivery, lowest: int) -> Delivery:
    message = delivery.message
    headers = replace(message.headers, run=max(message.headers.run, lowest))
    return replace(delivery, message=replace(message, headers=headers))


def judge_all(
    readings: Iterable[Progress], sinks: Iterable[str], reports: Reports
) -> dict[tuple[Entity, str], Verdict]:
    """Rule 11: take a superseded run for one that has to be read again."""
    judged = verdicts.judge_all(readings, sinks, reports)
    return {
        key: Verdict(Standing.WAITING, quiet=True)
        if found.standing is Standing.SUPERSEDED
        else found
        for key, found in judged.items()
    }


class Undeclared(MemoryBroker):
    """Rule 12: publishes into whatever queues there are."""

    async def declare(self, sinks: Collection[str]) -> None:
        """Declare nothing."""


class Clinging(MemoryBroker):
    """Rule 12: keeps the queues of sinks that are not in use any more."""

    async def declare(self, sinks: Collection[str]) -> None:
        """Bind the queues of these sinks, and leave the others."""
        await super().declare({*sinks, *self._server.bound})
