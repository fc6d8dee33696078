"""The groups of benchmarks: which servers each needs, what it measures, beside which floors."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import floors, stages
from benchmarks.data import Dump, World
from benchmarks.measure import Figure, MemoryFigure, Results
from benchmarks.options import Sizes
from benchmarks.pipeline import Load, working
from benchmarks.servers import EMBEDDED, STORE, TO_BOTH, TO_NEO4J, TO_POSTGRES, Kinds, started
from common.entities import Entity
from common.store import open_store
from config.settings import Settings, load_settings

POSTGRES_GOAL = 4_500.0
NEO4J_GOAL = 3_500.0
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

    def logs(self, group: str) -> Path:
        """Return the folder for the logs of a group's processes."""
        return self.cache / "logs" / group

    def add(self, figure: Figure) -> None:
        """Keep a figure, and show it."""
        self.results.figures.append(figure)
        print(f"  {figure.title}: {figure.rate:,.0f}/s, {figure.megabytes:,.0f} MB/s", flush=True)


def measure_stages(bench: Bench) -> None:
    """Measure the extractor's stages, beside gunzip and lxml alone."""
    with started(STORE, bench.cache) as servers:
        settings = load_settings(store_url=servers.urls["store"])
        releases = bench.world.dump(Entity.RELEASE, bench.sizes.stage)
        artists = bench.world.dump(Entity.ARTIST, bench.sizes.artists)
        asyncio.run(_measure_stages(bench, settings, releases, artists))


async def _measure_stages(bench: Bench, settings: Settings, releases: Dump, artists: Dump) -> None:
    repeats = bench.sizes.repeats
    bench.add(await floors.iterparse(stages.GROUP, releases, repeats))
    bench.add(await stages.to_records(releases, settings, repeats))
    bench.add(await stages.to_records(releases, settings, repeats, compiled=False))
    store = open_store(settings)
    try:
        for dump in (releases, artists):
            bench.add(await floors.gunzip(stages.GROUP, dump, repeats))
            bench.add(await stages.split(dump, settings, repeats))
            bench.add(await stages.unchanged(dump, store, settings, repeats))
            bench.add(await stages.unchanged_from_file(dump, store, settings, repeats))
    finally:
        await store.close()


def measure_postgres(bench: Bench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL, beside COPY of the same rows alone."""
    dump = bench.releases()
    keys = _dump_floors(bench, dump)
    with started({"postgres": TO_POSTGRES["postgres"]}, bench.cache) as servers:
        settings = load_settings(postgres_url=servers.urls["postgres"])
        for floor in asyncio.run(floors.copy(dump, settings)):
            bench.add(floor)
            keys.append(floor.key)
    (load,) = _loads(bench, "postgres", TO_POSTGRES, ("postgres",), [dump])
    title = "dump → RabbitMQ → PostgreSQL"
    what = "all tables, indexes and the comparison with the dump"
    figure = load.figure("postgres: first load", "postgres", title, what)
    bench.add(replace(figure, goal=POSTGRES_GOAL, floors=keys))


def measure_neo4j(bench: Bench) -> None:
    """Measure dump → RabbitMQ → Neo4j twice: the JVM cold at the start, and warm by then.

    The second dump holds the first one, and as many releases more.
    """
    first = bench.releases()
    second = bench.world.dump(Entity.RELEASE, 2 * bench.sizes.releases)
    keys = _dump_floors(bench, first)
    cold, warm = _loads(bench, "neo4j", TO_NEO4J, ("neo4j",), [first, second])
    title = "dump → RabbitMQ → Neo4j, with credits"
    stubs = "every artist, label and master is a stub to be made"
    bench.add(
        replace(
            cold.figure("neo4j: first load", "neo4j", title, f"from a cold JVM; {stubs}"),
            floors=keys,
        )
    )
    what = f"the JVM warm by {first.records:,} releases before these; {stubs}"
    figure = warm.figure("neo4j: goes on", "neo4j", f"{title}, more releases", what)
    share = warm.sent / second.records
    bench.add(
        replace(
            figure,
            records=warm.sent,
            size=round(second.size * share),
            goal=NEO4J_GOAL,
            floors=keys,
        )
    )


def measure_embedded(bench: Bench) -> None:
    """Measure the default of `waxline run`: Valkey's streams, PostgreSQL and ArcadeDB."""
    dump = bench.releases()
    keys = _dump_floors(bench, dump)
    (load,) = _loads(bench, "embedded", EMBEDDED, _BOTH, [dump])
    title = "dump → Valkey streams → PostgreSQL and ArcadeDB"
    what = "the embedded default, both sinks at once"
    bench.add(replace(load.figure("embedded: first load", "embedded", title, what), floors=keys))


def measure_update(bench: Bench) -> None:
    """Measure a first load into both sinks, the same dump again, and the next month's."""
    first, second = bench.releases(), bench.releases(month=2)
    keys = _dump_floors(bench, first)
    loads = _loads(bench, "update", TO_BOTH, _BOTH, [first, first, second])
    for name, load in zip(("first load", "nothing changed", "next month"), loads, strict=True):
        share = load.sent / load.dump.records
        title = f"dump → RabbitMQ → PostgreSQL and Neo4j, {name}"
        what = f"both sinks at once; {share:.1%} of the records sent"
        bench.add(replace(load.figure(f"update: {name}", "update", title, what), floors=keys))


def measure_memory(bench: Bench) -> None:
    """Compare the memory of every process at some input and at ten times as much."""
    count = bench.sizes.memory
    small, large = (bench.world.dump(Entity.RELEASE, n) for n in (count, 10 * count))
    (little,) = _loads(bench, "memory-1", TO_BOTH, _BOTH, [small])
    (much,) = _loads(bench, "memory-10", TO_BOTH, _BOTH, [large])
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
        known = asyncio.run(_measure_dump_floors(dump))
        for figure in known:
            bench.add(figure)
    return [figure.key for figure in known]


async def _measure_dump_floors(dump: Dump) -> list[Figure]:
    gunzip = await floors.gunzip(_DUMP, dump, _FLOOR_REPEATS)
    return [gunzip, await floors.iterparse(_DUMP, dump, _FLOOR_REPEATS)]


def _loads(
    bench: Bench, group: str, kinds: Kinds, sinks: tuple[str, ...], dumps: list[Dump]
) -> list[Load]:
    """Load dumps one after the other, with fresh servers and loaders."""
    with started(kinds, bench.cache) as servers:

        async def load() -> list[Load]:
            async with working(servers, sinks, bench.logs(group)) as pipeline:
                return [await pipeline.load(dump) for dump in dumps]

        loads = asyncio.run(load())
    if not group.startswith("memory"):
        for sink, curve in loads[0].curves.items():
            bench.results.curves[f"{group}: {sink}"] = curve
    return loads
