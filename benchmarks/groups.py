"""The groups of benchmarks: which servers each needs, what it measures, beside which floors."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import floors, goals, stages
from benchmarks.costs import keep_costs
from benchmarks.data import Dump, World
from benchmarks.loads import Load, figure_of
from benchmarks.measure import Figure, MemoryFigure, Results, side_by_side
from benchmarks.options import Sizes
from benchmarks.pipeline import Course, follow
from benchmarks.servers import EMBEDDED, POSTGRES, STORE, TO, Kinds, started
from benchmarks.updates import FIRST, NEXT, SAME, in_turn, keep_updates, titles_of
from common.entities import LOAD_ORDER, Entity
from common.store import open_store
from config.settings import Settings, load_settings

_FLOOR_REPEATS = 3
_DUMP = "dump"
_BOTH = ("postgres", "neo4j")


@dataclass(frozen=True)
class Bench:
    """What the groups share: dumps, sizes, a folder, and where the figures go."""

    world: World
    sizes: Sizes
    cache: Path
    results: Results

    def releases(self, month: int = 1) -> Dump:
        """Return the dump that goes through the whole pipeline."""
        return self.world.dump(Entity.RELEASE, self.sizes.releases, month)

    def artists(self, month: int = 1) -> Dump:
        """Return the artists for the stages, of a catalogue with no more of them."""
        world = World(self.cache / "data", 0, self.sizes.artists, self.sizes.shape)
        return world.dump(Entity.ARTIST, self.sizes.artists, month)

    def add(self, figure: Figure) -> None:
        """Keep a figure, and show it."""
        self.results.add(figure)


def measure_stages(bench: Bench) -> None:
    """Measure the extractor's stages, beside gunzip and lxml alone."""
    with started(STORE, bench.cache) as servers:
        settings = load_settings(store_url=servers.urls["store"])
        releases = bench.world.dump(Entity.RELEASE, bench.sizes.stage)
        artists = bench.artists()
        others = [bench.world.whole(entity) for entity in (Entity.LABEL, Entity.MASTER)]
        asyncio.run(_measure_parsing(bench, settings, [releases, artists, *others]))
        later = [
            bench.world.dump(Entity.RELEASE, bench.sizes.stage, month=2),
            bench.artists(month=2),
        ]
        asyncio.run(_measure_stages(bench, settings, [releases, artists], later))


async def _measure_parsing(bench: Bench, settings: Settings, dumps: Sequence[Dump]) -> None:
    repeats = bench.sizes.repeats
    for dump in dumps:
        alone, iterated, records = await side_by_side(
            floors.parse_alone(stages.GROUP, dump, settings, repeats),
            floors.iterparse(stages.GROUP, dump, repeats),
            stages.to_records(dump, settings, repeats),
        )
        bench.add(alone)
        bench.add(iterated)
        bench.add(replace(records, goal=stages.PARSE_SHARE * alone.rate))
    in_python = await stages.to_records(dumps[0], settings, repeats, compiled=False)
    bench.add(replace(in_python, goal=stages.PARSE_GOAL))


async def _measure_stages(
    bench: Bench, settings: Settings, dumps: Sequence[Dump], later: Sequence[Dump]
) -> None:
    repeats = bench.sizes.repeats
    store = open_store(settings)
    try:
        for dump, after in zip(dumps, later, strict=True):
            bench.add(await floors.gunzip(stages.GROUP, dump, repeats))
            bench.add(await stages.split(dump, settings, repeats))
            bench.add(await stages.unchanged(dump, store, settings, repeats))
            hashed, same, changed = await side_by_side(
                floors.gunzip_and_hash(stages.GROUP, dump, repeats),
                stages.unchanged_from_file(dump, store, settings, repeats),
                stages.updated_from_file(after, store, settings, repeats),
            )
            bench.add(hashed)
            bench.add(replace(same, goal=stages.UNCHANGED_SHARE * hashed.rate))
            bench.add(replace(changed, goal=stages.UPDATED_SHARE * hashed.rate))
    finally:
        await store.close()


def measure_postgres(bench: Bench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL, beside COPY of the same rows alone."""
    dump = bench.releases()
    keys = _dump_floors(bench, dump)
    with started(POSTGRES, bench.cache) as servers:
        settings = load_settings(postgres_url=servers.urls["postgres"])
        for floor in asyncio.run(floors.copy(dump, settings)):
            bench.add(floor)
            keys.append(floor.key)
    (load,) = _loads(bench, "postgres", Course(("postgres",), [dump]))
    title = "dump → RabbitMQ → PostgreSQL"
    what = "all tables, indexes and the comparison with the dump"
    figure = figure_of([load], "postgres: first load", "postgres", title, what)
    bench.add(goals.with_goal(figure, goals.POSTGRES[Entity.RELEASE], Entity.RELEASE, keys))


def measure_neo4j(bench: Bench) -> None:
    """Measure dump → RabbitMQ → Neo4j twice, each time with fresh servers and a cold JVM.

    First the releases by themselves, then as a month comes: after all they refer to, and twice
    as many, for the JVM compiles its code all through the first hundred thousand.
    """
    releases = bench.releases()
    more = bench.world.dump(Entity.RELEASE, 2 * bench.sizes.releases)
    before = [bench.world.whole(entity) for entity in LOAD_ORDER[:-1]]
    keys = _dump_floors(bench, releases)
    title = "dump → RabbitMQ → Neo4j, with credits"
    (cold,) = _loads(bench, "neo4j", Course(("neo4j",), [releases]))
    what = "from a cold JVM; every artist, label and master is a stub to be made"
    figure = figure_of([cold], "neo4j: first load", "neo4j", f"{title}, releases only", what)
    bench.add(replace(figure, floors=keys))
    (last,) = _loads(bench, "neo4j-month", Course(("neo4j",), [more], before))
    referred = sum(dump.records for dump in before)
    what = f"after the {referred:,} artists, labels and masters of the same dump, not timed"
    figure = figure_of([last], "neo4j: in turn", "neo4j", f"{title}, in the order of a run", what)
    bench.add(goals.with_goal(figure, goals.NEO4J, Entity.RELEASE, keys))


def measure_embedded(bench: Bench) -> None:
    """Measure the default of `waxline run`: Valkey's streams, PostgreSQL and ArcadeDB."""
    dump = bench.releases()
    keys = _dump_floors(bench, dump)
    (load,) = _loads(bench, "embedded", Course(_BOTH, [dump]), EMBEDDED)
    title = "dump → Valkey streams → PostgreSQL and ArcadeDB"
    what = "the embedded default, both sinks at once"
    figure = figure_of([load], "embedded: first load", "embedded", title, what)
    bench.add(replace(figure, floors=keys))


def measure_update(bench: Bench) -> None:
    """Measure a first load into both sinks, the same dump again, and the next month's.

    What each costs in the databases is kept beside it.
    """
    months = [bench.releases(), bench.releases(month=2)]
    keys = _dump_floors(bench, months[0])
    loads = _loads(bench, "update", Course(_BOTH, in_turn(months), metered=True))
    keep_updates(bench.results, "update", _BOTH, [loads], keys)
    keep_costs(bench.results, titles_of(_BOTH), (FIRST, SAME, NEXT), loads)


def measure_memory(bench: Bench) -> None:
    """Compare the memory of every process at some input and at ten times as much."""
    count = bench.sizes.memory
    small, large = (bench.world.dump(Entity.RELEASE, n) for n in (count, 10 * count))
    (little,) = _loads(bench, "memory-1", Course(_BOTH, [small]))
    (much,) = _loads(bench, "memory-10", Course(_BOTH, [large]))
    bench.results.memory_records = small.records, large.records
    for process, peak in sorted(little.peaks.items()):
        figure = MemoryFigure(process, peak, much.peaks[process])
        bench.results.memory.append(figure)
        print(f"  {process}: {peak.rss:.0f} MB, then {figure.large.rss:.0f} MB", flush=True)
    bench.results.servers.update({role: peak.rss for role, peak in much.servers.items()})


MEASURES: Mapping[str, Callable[[Bench], None]] = {
    "stages": measure_stages,
    "postgres": measure_postgres,
    "neo4j": measure_neo4j,
    "embedded": measure_embedded,
    "update": measure_update,
    "memory": measure_memory,
}


def _dump_floors(bench: Bench, dump: Dump) -> list[str]:
    """Measure gunzip alone and lxml alone on a whole dump, once in a run; return their keys."""
    known = [figure for figure in bench.results.figures if figure.group == _DUMP]
    if not known:
        known = asyncio.run(floors.of_a_load(_DUMP, dump, _FLOOR_REPEATS))
        for figure in known:
            bench.add(figure)
    return [figure.key for figure in known]


def _loads(bench: Bench, group: str, course: Course, kinds: Kinds | None = None) -> list[Load]:
    """Follow a course with fresh servers and loaders; on RabbitMQ, if not told otherwise."""
    with started(kinds or TO[course.sinks], bench.cache) as servers:
        loads = asyncio.run(follow(course, servers, bench.cache / "logs" / group))
    if not group.startswith("memory"):
        for sink, curve in loads[0].curves.items():
            bench.results.curves[f"{group}: {sink}"] = curve
    return loads
