"""The groups of `make bench`: minutes, and what most changes of the code could slow down."""

from dataclasses import replace

from benchmarks import floors, stages
from benchmarks.answers import measure_cache
from benchmarks.bench import Bench
from benchmarks.dumps import Dump
from benchmarks.figures import MemoryFigure
from benchmarks.loads import (
    FIRST,
    NEXT,
    SAME,
    Load,
    figure_of,
    first_load_of,
    in_turn,
    keep_costs,
    titles_of,
    updates_of,
)
from benchmarks.pipeline import Course
from benchmarks.servers import EMBEDDED, POSTGRES, STORE, Kinds, started
from common.entities import Entity
from common.store import Store, open_store
from config.settings import load_settings

_STAGES = "stages"
_FLOORS = "dump"
_BOTH = ("postgres", "neo4j")


async def measure_stages(bench: Bench) -> None:
    """Measure the extractor's stages, beside gunzip and lxml alone."""
    dumps = {entity: bench.dump(entity, bench.sizes.stage(entity)) for entity in Entity}
    for dump in dumps.values():
        await _measure_parsing(bench, dump)
    with started(STORE, bench.cache) as servers:
        store = open_store(load_settings(store_url=servers.urls["store"]).server("store"))
        try:
            for entity in (Entity.RELEASE, Entity.ARTIST):
                await _measure_selecting(bench, dumps[entity], store)
        finally:
            await store.close()


async def _measure_parsing(bench: Bench, dump: Dump) -> None:
    walkers = (True, False) if dump.entity is Entity.RELEASE else (True,)
    await bench.clock(
        floors.lxml_parse(_STAGES, dump),
        floors.iterparse(_STAGES, dump),
        *(stages.parse_to_records(_STAGES, dump, compiled=compiled) for compiled in walkers),
    )


async def _measure_selecting(bench: Bench, dump: Dump, store: Store) -> None:
    after = bench.dump(dump.entity, bench.sizes.stage(dump.entity), month=2)
    await bench.clock(
        floors.gunzip(_STAGES, dump),
        stages.split(_STAGES, dump),
        await stages.unchanged(_STAGES, dump, store),
        floors.gunzip_and_hash(_STAGES, dump),
        stages.unchanged_from_file(_STAGES, dump, store),
        stages.updated_from_file(_STAGES, after, store),
    )


async def measure_postgres(bench: Bench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL, beside COPY of the same rows alone."""
    dump = _releases(bench)
    keys = await bench.floors(_FLOORS, dump)
    with started(POSTGRES, bench.cache) as servers:
        copied = await floors.copy("postgres", dump, servers.urls["postgres"])
    bench.results.add(*copied)
    keys += [floor.key for floor in copied]
    loads = await _loads(bench, "postgres", Course(("postgres",), [dump]))
    what = "all tables, indexes and the comparison with the dump"
    bench.keep(keys, first_load_of(loads, "postgres", ("postgres",), FIRST, what))


async def measure_neo4j(bench: Bench) -> None:
    """Measure dump → RabbitMQ → Neo4j twice, each time with fresh servers and a cold JVM.

    First the releases by themselves, then as a month comes: after all they refer to, and twice
    as many, for the JVM compiles its code all through the first hundred thousand.
    """
    dump = _releases(bench)
    keys = await bench.floors(_FLOORS, dump)
    sinks = ("neo4j",)
    cold = await _loads(bench, "neo4j", Course(sinks, [dump]))
    what = "from a cold JVM; every artist, label and master is a stub to be made"
    bench.keep(keys, figure_of(cold, "neo4j", sinks, "releases only", what))
    count = bench.sizes.updated
    before = bench.world(count).before_releases()
    course = Course(sinks, [bench.dump(Entity.RELEASE, count)], before)
    last = await _loads(bench, "neo4j-month", course)
    referred = sum(dump.records for dump in before)
    what = f"after the {referred:,} artists, labels and masters of the same dump, not timed"
    bench.keep(keys, first_load_of(last, "neo4j", sinks, "in the order of a run", what))


async def measure_embedded(bench: Bench) -> None:
    """Measure the default of `waxline run`: Valkey's streams, PostgreSQL and ArcadeDB."""
    dump = _releases(bench)
    keys = await bench.floors(_FLOORS, dump)
    loads = await _loads(bench, "embedded", Course(_BOTH, [dump]), EMBEDDED)
    figure = figure_of(loads, "embedded", _BOTH, FIRST, "the embedded default, both sinks at once")
    title = "dump → Valkey streams → PostgreSQL and ArcadeDB"
    bench.keep(keys, replace(figure, title=title))


async def measure_update(bench: Bench) -> None:
    """Measure a first load into both sinks, the same dump again, and the next month's.

    What each costs in the databases is kept beside it.
    """
    months = [_releases(bench), bench.dump(Entity.RELEASE, bench.sizes.releases, month=2)]
    keys = await bench.floors(_FLOORS, months[0])
    loads = await _loads(bench, "update", Course(_BOTH, in_turn(months), metered=True))
    bench.keep(keys, *updates_of([loads], "update", _BOTH))
    keep_costs(bench.results, titles_of(_BOTH), (FIRST, SAME, NEXT), loads)


async def measure_memory(bench: Bench) -> None:
    """Compare the memory of every process at some input and at ten times as much."""
    count = bench.sizes.watched
    small, large = (bench.dump(Entity.RELEASE, times * count) for times in (1, 10))
    (little,) = await bench.load("memory-1", Course(_BOTH, [small]))
    (much,) = await bench.load("memory-10", Course(_BOTH, [large]))
    bench.results.memory_records = small.records, large.records
    for process, peak in sorted(little.peaks.items()):
        figure = MemoryFigure(process, peak, much.peaks[process])
        bench.results.memory.append(figure)
        print(f"  {process}: {peak.rss:.0f} MB, then {figure.large.rss:.0f} MB", flush=True)
    bench.results.servers.update({role: peak.rss for role, peak in much.servers.items()})


SHORT = {
    "stages": measure_stages,
    "postgres": measure_postgres,
    "neo4j": measure_neo4j,
    "embedded": measure_embedded,
    "update": measure_update,
    "memory": measure_memory,
    "cache": measure_cache,
}
"""``postgres``, ``neo4j``, ``update`` and ``memory`` (both sinks) run on RabbitMQ."""


def _releases(bench: Bench) -> Dump:
    return bench.dump(Entity.RELEASE, bench.sizes.releases)


async def _loads(
    bench: Bench, group: str, course: Course, kinds: Kinds | None = None
) -> list[Load]:
    """Follow a course, and keep how the first of its dumps came into the sinks."""
    loads = await bench.load(group, course, kinds)
    for sink, curve in loads[0].curves.items():
        bench.results.curves[f"{group}: {sink}"] = curve
    return loads
