"""What the groups of benchmarks share: sizes, dumps, and loads that are repeated by turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import floors
from benchmarks.dumps import Dump, World, slots_for
from benchmarks.figures import Figure, Results
from benchmarks.loads import Load
from benchmarks.pipeline import Course, follow
from benchmarks.servers import TO, Kinds, started
from benchmarks.turns import Stage, attempt, by_turns, clock
from common.entities import Entity
from generator.plan import DumpShape

_WHOLE = {Entity.ARTIST: 5, Entity.LABEL: 5, Entity.MASTER: 2, Entity.RELEASE: 1}
_STAGE = {Entity.ARTIST: 4.0, Entity.LABEL: 4.0, Entity.MASTER: 0.4, Entity.RELEASE: 0.2}
"""Records for each release of the sizes: a stage gets some 100 MB of XML."""


@dataclass(frozen=True)
class Sizes:
    """How many releases go through the whole pipeline, and the rest in proportion; ``repeats``
    is how often all is measured that is measured more than once, ``shape`` that of the dumps."""

    releases: int = 100_000
    repeats: int = 5
    shape: DumpShape = "old"

    @property
    def watched(self) -> int:
        """Releases that go through a pipeline whose memory is watched; ten times as many, too."""
        return self.releases // 5

    @property
    def updated(self) -> int:
        """Releases that are loaded month after month."""
        return 2 * self.releases

    @property
    def grown(self) -> int:
        """Releases that make a database large."""
        return 10 * self.releases

    def whole(self, entity: Entity) -> int:
        """Return how many records of an entity go through the whole pipeline by themselves."""
        return _WHOLE[entity] * self.releases

    def stage(self, entity: Entity) -> int:
        """Return how many records of an entity go through one stage."""
        return int(_STAGE[entity] * self.releases)


@dataclass(frozen=True)
class Bench:
    """A folder for dumps and logs, and where the figures of some groups go."""

    sizes: Sizes
    cache: Path
    results: Results

    def world(self, releases: int) -> World:
        """Return a catalogue of so many releases, and of what they refer to."""
        return World(self.cache / "data", releases, self.sizes.shape)

    def dump(self, entity: Entity, records: int, month: int = 1) -> Dump:
        """Return a dump of so many records of a catalogue that has as many."""
        world = self.world(max(self.sizes.updated, slots_for(entity, records)))
        return world.dump(entity, records, month)

    async def clock(self, *stages: Stage) -> None:
        """Clock stages by turns, and keep their figures."""
        self.results.add(*await clock(stages, self.sizes.repeats))

    async def floors(self, group: str, dump: Dump) -> list[str]:
        """Clock the floors of a whole load, unless they are known; return their keys."""
        known = [figure.key for figure in self.results.of(group)]
        stages = [one for one in floors.of_a_load(group, dump) if one.key not in known]
        await self.clock(*stages)
        return [one.key for one in floors.of_a_load(group, dump)]

    def keep(self, floors: Sequence[str], *figures: Figure) -> None:
        """Keep figures of loads, beside the figures of these keys."""
        self.results.add(*(replace(figure, floors=list(floors)) for figure in figures))

    async def load(self, group: str, course: Course, kinds: Kinds | None = None) -> list[Load]:
        """Follow a course with fresh servers and loaders; on RabbitMQ's usual ones, if not told."""
        with started(kinds or TO[course.sinks], self.cache) as servers:
            return await follow(course, servers, self.cache / "logs" / group)

    async def by_turns(
        self, group: str, dump: Dump, courses: Mapping[str, Course]
    ) -> tuple[list[str], dict[str, list[list[Load]]]]:
        """Measure a dump's floors, then follow each course, and so again and again.

        Return the floors' keys, and by the names of courses the loads of every turn; a course
        that cannot be measured, or fails, is noted, left out, and does not cost the others.
        """
        alone = floors.of_a_load(group, dump)
        repeated = [_Repeated(self, group, name, course) for name, course in courses.items()]
        await by_turns([*alone, *repeated], self.sizes.repeats)
        self.results.add(*(floor.figure for floor in alone))
        turns = {one.name: one.turns for one in repeated if not one.failed}
        return [floor.key for floor in alone], turns


@dataclass
class _Repeated:
    """A course that is followed again and again, until it fails."""

    bench: Bench
    group: str
    name: str
    course: Course
    turns: list[list[Load]] = field(default_factory=list)
    failed: bool = False

    async def once(self) -> None:
        if not self.failed:
            name = f"{self.group}: {self.name}"
            self.failed = not await attempt(self.bench.results, name, self._load)

    async def _load(self) -> None:
        self.turns.append(await self.bench.load(self.group, self.course))
        told = (f"{load.dump.records:,} in {load.seconds:.1f} s" for load in self.turns[-1])
        print(f"  {', '.join(told)}", flush=True)
