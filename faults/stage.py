"""One round: its servers, its programs, its dumps, and what its sinks say."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import tenacity

from common.entities import Entity
from common.errors import TransientError
from common.reports import Progress, SinkReport
from common.store import Store
from extractor.journal import noted_runs
from faults.machine import Kind, Machine, Role
from faults.material import Months
from faults.programs import SINKS, Programs
from faults.progress import Pulse, Watch
from tests.acceptance.rig import Urls
from tests.clock import Clock
from tests.link import Link
from tests.oracle import Load, after, compare_graph, compare_postgres, explain
from waxline.run.verdict import Verdict, judge_all, over
from waxline.servers.server import Server

_POLL = 0.2  # s
_IDLE_POLLS = 15
"""After so many without news, quiet sinks count as done: `waxline run` waits longer."""


class RoundError(AssertionError):
    """A round did not end as it must."""


@dataclass
class Stage:
    """What a fault finds: everything of one round, and a source of seeded numbers."""

    machine: Machine
    kind: Kind
    urls: Urls
    months: Months
    programs: Programs
    store: Store
    folder: Path
    rng: random.Random
    number: int
    kills: int
    """How often each program may be killed."""
    front: bool = False
    """Whether `waxline run` loads, and not an extractor and loaders that are kept running."""
    links: Mapping[Role, Link] = field(default_factory=dict)
    history: list[Path] = field(default_factory=list)
    """The dumps that a row has loaded whole, if not the two months once each."""
    watch: Watch = field(default_factory=Watch)
    pulse: Pulse = field(default_factory=Pulse)
    loaded: bool = False
    """Whether both months are."""
    clocks: dict[str, Clock] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder of the programs."""
        return Path(self.programs.settings["WAXLINE_DATA_FOLDER"])

    def server(self, role: Role) -> Server:
        """Return the server in this role."""
        return self.machine.server(self.kind, role)

    def clock(self, name: str) -> Clock:
        """Return the clock that a program has once it is given the clock's settings."""
        if name not in self.clocks:
            self.clocks[name] = Clock(self.folder, self.programs.library, f"clock-{name}")
        return self.clocks[name]

    async def moment(self, most: float = 4.0) -> None:
        """Wait for a seeded moment within ``most`` seconds from now."""
        await asyncio.sleep(self.rng.uniform(0, most))

    async def load(self, dumps: Sequence[Path], flags: Collection[str] = ()) -> None:
        """Load dumps as an operator does: again, until every sink equals them."""
        again = tenacity.AsyncRetrying(retry=tenacity.retry_if_result(lambda equal: not equal))

        async def once() -> bool:
            if self.front:
                return (await self.programs.run(dumps, flags)).code == 0
            await self.programs.extract(dumps, flags)
            return await self.settled(dumps)

        await again(once)

    @asynccontextmanager
    async def loading(self, dumps: Sequence[Path]) -> AsyncIterator[None]:
        """Have dumps loaded beside a ``with``; its end waits until they are."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.load(dumps))
            yield

    async def settled(self, dumps: Sequence[Path]) -> bool:
        """Wait until the sinks have decided about dumps that were read; tell if all are equal.

        Raises `RoundError` when one refuses or blocks them.
        """
        idle, before = 0, None
        while idle < _IDLE_POLLS:
            reports = await self._reports()
            self.watch.look(reports)
            verdicts = self._verdicts(dumps, reports)
            _refuse_hopeless(verdicts)
            if all(verdict.standing.final for verdict in verdicts.values()):
                break
            news = {sink: report["entities"] for sink, report in reports.items()}
            still = self.pulse.beats(reports) and over(verdicts.values()) and news == before
            idle, before = idle + 1 if still else 0, news
            await asyncio.sleep(_POLL)
        return all(verdict.standing.good for verdict in verdicts.values())

    def runs(self) -> list[int]:
        """Return the runs of all readings so far that have ended."""
        return sorted(noted_runs(self.data))

    async def check(self, *more: Path) -> None:
        """Raise `RoundError` unless both sinks equal the oracle, after these dumps too."""
        history = self.history or [*self.months.first, *self.months.second]
        truth = after(*map(Load, [*history, *more]))
        found = {
            "postgres": await compare_postgres(self.urls.postgres, truth),
            "neo4j": await compare_graph(self.urls.graph, truth),
        }
        if any(found.values()):
            said = "\n".join(f"{sink}: {explain(what)}" for sink, what in found.items() if what)
            raise RoundError(f"a sink differs from the oracle\n{said}")

    def _verdicts(
        self, dumps: Sequence[Path], reports: Mapping[str, SinkReport]
    ) -> dict[tuple[Entity, str], Verdict]:
        last: dict[str, Progress] = {}
        for _, reading in sorted(noted_runs(self.data).items()):
            last[reading["file"]] = reading
        return judge_all([last[str(dump.resolve())] for dump in dumps], SINKS, reports)

    async def _reports(self) -> dict[str, SinkReport]:
        """Return the sinks' reports; a store that is away is asked again."""
        asking = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            wait=tenacity.wait_fixed(_POLL),
        )
        return await asking(self.store.reports)


async def until(true: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until the answer is yes."""
    asking = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_result(lambda found: not found), wait=tenacity.wait_fixed(_POLL)
    )

    async def once() -> object:
        return await true()

    await asking(once)


def _refuse_hopeless(verdicts: Mapping[tuple[Entity, str], Verdict]) -> None:
    for (entity, sink), verdict in verdicts.items():
        if verdict.standing.final and not verdict.standing.good and verdict.detail[:3] != "by ":
            raise RoundError(f"{sink}, {entity}: {verdict.standing.value}: {verdict.detail}")
