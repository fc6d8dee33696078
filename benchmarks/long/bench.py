"""What the long groups share: dumps, and loads that are repeated with fresh servers."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import tenacity

from benchmarks import floors
from benchmarks.data import Dump, World, slots_for
from benchmarks.long.model import INDEXES
from benchmarks.measure import Figure, Results
from benchmarks.options import LongSizes
from benchmarks.pipeline import Load, Workers, working
from benchmarks.servers import Kinds, Running, started
from common.entities import Entity
from common.errors import ServerError
from waxline.servers.wheels import NotInstalledError

_STARTS = 3


@dataclass(frozen=True)
class LongBench:
    """Sizes, a folder for dumps and logs, and where the figures of a group go."""

    sizes: LongSizes
    cache: Path
    results: Results

    @property
    def world(self) -> World:
        """The catalogue of all releases that are loaded, and of what they refer to."""
        return self._world(self.sizes.grown + self.sizes.releases)

    def dump(self, entity: Entity) -> Dump:
        """Return the dump of an entity that is loaded by itself."""
        count = {
            Entity.ARTIST: self.sizes.artists,
            Entity.LABEL: self.sizes.labels,
            Entity.MASTER: self.sizes.masters,
            Entity.RELEASE: self.sizes.releases,
        }[entity]
        least = slots_for(entity, count)
        world = self.world
        return (world if least <= world.releases else self._world(least)).dump(entity, count)

    def large(self, month: int) -> Dump:
        """Return a month's dump of the releases that make a database large."""
        return self.world.dump(Entity.RELEASE, self.sizes.grown, month)

    def _world(self, releases: int) -> World:
        return World(self.cache / "data", releases, 1, self.sizes.shape)

    def floors(self, group: str, dump: Dump, repeats: int | None = None) -> list[str]:
        """Measure gunzip alone and lxml's parse alone of a dump; return the figures' keys."""
        return self._add(asyncio.run(floors.of_a_load(group, dump, repeats or self.sizes.repeats)))

    def _add(self, figures: Sequence[Figure]) -> list[str]:
        for figure in figures:
            self.results.add(figure)
        return [figure.key for figure in figures]

    def by_turns(
        self, group: str, kinds: Kinds, sink: str, dump: Dump, settings: Sequence[Workers]
    ) -> tuple[list[str], list[list[Load]]]:
        """Measure a dump's floors, then a load in each setting, and so again and again.

        So a slow minute of the machine is everybody's.  Return the floors' keys, and the loads of
        each setting.
        """
        floors_found: list[list[Figure]] = []
        loads: list[list[Load]] = []
        for number in range(self.sizes.repeats):
            floors_found.append(asyncio.run(floors.of_a_load(group, dump, 1)))
            loads.append([self.loads(group, kinds, sink, [dump], one)[0] for one in settings])
            told = ", ".join(f"{load.seconds:.1f} s" for load in loads[-1])
            self._tell(dump, number, told)
        keys = self._add([joined(turns) for turns in zip(*floors_found, strict=True)])
        return keys, [list(turns) for turns in zip(*loads, strict=True)]

    def loads(
        self,
        group: str,
        kinds: Kinds,
        sink: str,
        dumps: Sequence[Dump],
        workers: Workers | None = None,
    ) -> list[Load]:
        """Load dumps into one sink, one after the other, with fresh servers and loaders."""
        with ExitStack() as stack:
            servers = start(stack, kinds, self.cache)

            async def load() -> list[Load]:
                folder = self.cache / "logs" / group
                async with working(servers, (sink,), folder, workers) as pipeline:
                    return [await pipeline.load(dump) for dump in dumps]

            return asyncio.run(load())

    def repeated(self, group: str, kinds: Kinds, sink: str, dump: Dump) -> list[Load]:
        """Load a dump as often as the sizes say, each time into an empty database."""
        loads: list[Load] = []
        for number in range(self.sizes.repeats):
            loads += self.loads(group, kinds, sink, [dump])
            self._tell(dump, number, f"{loads[-1].seconds:.1f} s")
        return loads

    def _tell(self, dump: Dump, number: int, told: str) -> None:
        print(f"  {dump.entity.plural}, {number + 1} of {self.sizes.repeats}: {told}", flush=True)


def _is_slow_start(error: BaseException) -> bool:
    return isinstance(error, ServerError) and not isinstance(error, NotInstalledError)


@tenacity.retry(
    retry=tenacity.retry_if_exception(_is_slow_start),
    stop=tenacity.stop_after_attempt(_STARTS),
    reraise=True,
)
def start(stack: ExitStack, kinds: Kinds, cache: Path) -> Running:
    """Start servers, again when one does not answer in time; the stack stops them.

    In an hour that happens, and nothing is clocked yet.
    """
    return stack.enter_context(started(kinds, cache))


def joined(figures: Sequence[Figure]) -> Figure:
    """Return figures of one thing, measured at different times, as one."""
    cpu = {role: median(one.cpu[role] for one in figures) for role in figures[0].cpu}
    seconds = [second for one in figures for second in one.seconds]
    return replace(figures[0], seconds=seconds, cpu=cpu)


def figure_of(loads: Sequence[Load], key: str, group: str, title: str, what: str) -> Figure:
    """Return repeated loads as one figure; CPU seconds are each process's median."""
    each = [_divided(load) for load in loads]
    roles = dict.fromkeys(role for cpu in each for role in cpu)
    cpu = {role: median(one.get(role, 0.0) for one in each) for role in roles}
    figure = loads[0].figure(key, group, title, what)
    return replace(figure, seconds=[load.seconds for load in loads], cpu=cpu)


def _divided(load: Load) -> dict[str, float]:
    """Tell the CPU seconds of PostgreSQL's index builds from those of its other work.

    A statement that builds works all the time, in one process: its seconds are CPU seconds.
    """
    server = next((role for role in load.cpu if role.startswith("PostgreSQL")), None)
    if server is None or not load.indexing:
        return load.cpu
    indexing = min(load.indexing, load.cpu[server])
    return {**load.cpu, server: load.cpu[server] - indexing, INDEXES: indexing}
