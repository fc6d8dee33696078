"""A row of the fault matrix, and the stage of a round: what a fault finds, and what must hold."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tenacity

from common.entities import Entity
from common.errors import TransientError
from common.reports import Progress, SinkReport
from common.store import Store
from common.verdicts import Verdict, judge_all, over
from extractor.journal import noted_runs
from faults.material import Months
from faults.programs import POLL, SINKS, Programs, until
from faults.progress import Pulse, Watch
from faults.shared_servers import Kind, Machine, Role
from tests.acceptance.rig import Urls
from tests.clock import Clock
from tests.link import Link
from tests.oracle import Load, after, compare_graph, compare_postgres, explain
from waxline.servers.server import Server

_IDLEPOLLS = 15
"""After so many without news, quiet sinks count as done: `waxline run` waits longer."""


class RoundError(AssertionError):
    """A round did not end as it must."""


Inject = Callable[["Stage"], Coroutine[Any, Any, None]]
"""Breaks something once, at a seeded moment of a round, and mends it before it returns."""

More = Callable[["Stage", str], Mapping[str, str]]
"""What is added to the environment of a program, by its name, at its next start."""


@dataclass(frozen=True)
class Row:
    """A fault: its name, what is broken, what must follow, and what breaks it.

    ``inject`` goes on beside the loading of two months or, with ``plays``, does the loading itself;
    with ``traceback`` a program may end with one.  ``deadline`` is in seconds, for everything after
    the servers are up.  ``settings`` are changed for all programs; ``linked`` puts links in front
    of the servers; ``more`` is asked at each start of a program; ``releases`` is the size of the
    months, ``kills`` how often each program is killed at most.  With ``front`` it is `waxline run`
    that loads, which starts the servers named by ``own`` itself; ``loaders`` are more loaders, by
    their sinks.
    """

    name: str
    injects: str
    expects: str
    inject: Inject
    kind: Kind = "installed"
    deadline: float = 240.0
    settings: Mapping[str, str] = field(default_factory=dict)
    linked: bool = False
    plays: bool = False
    traceback: bool = False
    more: More = lambda _stage, _name: {}
    releases: int = 150
    kills: int = 12
    front: bool = False
    own: tuple[Role, ...] = ()
    loaders: tuple[str, ...] = ()


@dataclass
class Stage:
    """What a fault finds: everything of one round, and a source of seeded numbers.

    ``history`` has the dumps that a row has loaded whole, if not the two months once each;
    ``loaded`` says whether both months are.
    """

    row: Row
    seed: int
    folder: Path
    machine: Machine
    urls: Urls
    links: Mapping[Role, Link]
    months: Months
    programs: Programs
    store: Store
    rng: random.Random
    history: list[Path] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)
    pulse: Pulse = field(default_factory=Pulse)
    loaded: bool = False
    clocks: dict[str, Clock] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data folder of the programs."""
        return Path(self.programs.settings["WAXLINE_DATA_FOLDER"])

    def server(self, role: Role) -> Server:
        """Return the server in this role."""
        return self.machine.server(self.row.kind, role)

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

        async def equal() -> bool:
            if self.row.front:
                return (await self.programs.run(dumps, flags)).code == 0
            await self.programs.extract(dumps, flags)
            return await self.settled(dumps)

        await until(equal)

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
        while idle < _IDLEPOLLS:
            reports = await self._reports()
            self.watch.look(reports)
            verdicts = self._verdicts(dumps, reports)
            _refuse_hopeless(verdicts)
            if all(verdict.standing.final for verdict in verdicts.values()):
                break
            news = {sink: report["entities"] for sink, report in reports.items()}
            still = self.pulse.beats(reports) and over(verdicts.values()) and news == before
            idle, before = idle + 1 if still else 0, news
            await asyncio.sleep(POLL)
        return all(verdict.standing.good for verdict in verdicts.values())

    def runs(self) -> list[int]:
        """Return the runs of all readings so far that have ended."""
        return sorted(noted_runs(self.data))

    async def check(self, *more: Path) -> None:
        """Raise `RoundError` unless both sinks equal the oracle, after these dumps too."""
        history = self.history or [dump for month in self.months.both for dump in month]
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
            wait=tenacity.wait_fixed(POLL),
        )
        return await asking(self.store.reports)


def _refuse_hopeless(verdicts: Mapping[tuple[Entity, str], Verdict]) -> None:
    for (entity, sink), verdict in verdicts.items():
        if verdict.standing.final and not verdict.standing.good and verdict.detail[:3] != "by ":
            raise RoundError(f"{sink}, {entity}: {verdict.standing.value}: {verdict.detail}")
