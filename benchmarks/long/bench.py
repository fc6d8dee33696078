"""What the long groups share: dumps, and loads that are repeated with fresh servers."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import tenacity

from benchmarks import floors
from benchmarks.attempts import attempt
from benchmarks.data import Dump, World, slots_for
from benchmarks.loads import Load, medians
from benchmarks.measure import Figure, Results
from benchmarks.options import LongSizes
from benchmarks.pipeline import Course, follow
from benchmarks.servers import TO, Kinds, Running, started
from common.entities import LOAD_ORDER, Entity
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
        return self.within(self.sizes.grown + self.sizes.releases)

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
        return (world if least <= world.releases else self.within(least)).dump(entity, count)

    def within(self, releases: int) -> World:
        """Return a catalogue of so many releases, and of what they refer to."""
        return World(self.cache / "data", releases, 1, self.sizes.shape)

    def floors(self, group: str, dump: Dump) -> list[str]:
        """Measure gunzip alone and lxml's parse alone of a dump; return the figures' keys."""
        return self._add(asyncio.run(floors.of_a_load(group, dump, self.sizes.repeats)))

    def _add(self, figures: Sequence[Figure]) -> list[str]:
        for figure in figures:
            self.results.add(figure)
        return [figure.key for figure in figures]

    def by_turns(
        self, group: str, dump: Dump, courses: Mapping[str, Course]
    ) -> tuple[list[str], dict[str, list[list[Load]]]]:
        """Measure a dump's floors, then follow each course, and so again and again.

        So a slow minute of the machine is everybody's.  Return the floors' keys, and by the names
        of courses the loads of every turn; a course that cannot be measured, or fails, is noted,
        left out, and does not cost the others.
        """
        floors_found: list[list[Figure]] = []
        turns: dict[str, list[list[Load]]] = {name: [] for name in courses}
        for number in range(self.sizes.repeats):
            floors_found.append(asyncio.run(floors.of_a_load(group, dump, 1)))
            print(f"{group}, turn {number + 1} of {self.sizes.repeats}", flush=True)
            for name in list(turns):
                course = partial(self._turn, group, courses[name], turns[name])
                if not attempt(self.results, f"{group}: {name}", course):
                    del turns[name]
        return self._add([joined(found) for found in zip(*floors_found, strict=True)]), turns

    def _turn(self, group: str, course: Course, turns: list[list[Load]]) -> None:
        turns.append(self.loads(group, course))
        told = (f"{load.dump.records:,} in {load.seconds:.1f} s" for load in turns[-1])
        print(f"  {', '.join(told)}", flush=True)

    def loads(self, group: str, course: Course, kinds: Kinds | None = None) -> list[Load]:
        """Follow a course with fresh servers and loaders; on RabbitMQ's usual ones, if not told."""
        with ExitStack() as stack:
            servers = start(stack, kinds or TO[course.sinks], self.cache)
            return asyncio.run(follow(course, servers, self.cache / "logs" / group))


def months_of(world: World, releases: int) -> list[Dump]:
    """Return three months' dumps of so many releases of a catalogue."""
    return [world.dump(Entity.RELEASE, releases, month) for month in (1, 2, 3)]


def before_releases(world: World) -> list[Dump]:
    """Return the dumps that come before the releases in a run: all they can refer to."""
    return [world.whole(entity) for entity in LOAD_ORDER[:-1]]


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
    seconds = [second for one in figures for second in one.seconds]
    return replace(figures[0], seconds=seconds, cpu=medians([one.cpu for one in figures]))
