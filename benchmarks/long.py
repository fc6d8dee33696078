"""The groups of `make bench-long`: each entity by itself, scaling, size, months and their costs."""

from collections.abc import Mapping
from functools import partial

from benchmarks.bench import Bench
from benchmarks.loads import (
    FIRST,
    LAST,
    NEXT,
    figure_of,
    first_load_of,
    in_turn,
    keep_costs,
    key_of,
    updates_of,
)
from benchmarks.pipeline import Course, Workers
from benchmarks.profiles import measure_profile
from benchmarks.servers import TITLES, TO, Kinds
from benchmarks.turns import attempt
from common.entities import Entity
from tests.servers import DistributionPostgres

_POSTGRES = ("postgres",)
_WORKERS = (Workers(1, 1), Workers(2, 1), Workers(1, 2), Workers(2, 2))

_ZSTD = {"wal_compression": "zstd"}
_LOGS: Mapping[str, Mapping[str, str]] = {
    "as the embedded one": {},
    "lz4": {"wal_compression": "lz4"},
    "zstd, as in the compose file": _ZSTD,
    "zstd, for a replica": {**_ZSTD, "wal_level": "replica"},
    "no images of pages": {"full_page_writes": "off"},
}
"""Settings of PostgreSQL's log: the wheel's is built without lz4 and zstd."""

Floors = dict[Entity, list[str]]
"""The keys of each entity's floors."""


async def measure_entities(bench: Bench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL for each entity, by turns with its floors."""
    for entity in Entity:
        dump = bench.dump(entity, bench.sizes.whole(entity))
        courses = {entity.plural: Course(_POSTGRES, [dump])}
        what = "one parse process, one loader; tables, indexes and the comparison with the dump"
        floors, found = await bench.by_turns("entities", dump, courses)
        for name, turns in found.items():
            loads = [load for (load,) in turns]
            bench.keep(floors, first_load_of(loads, "entities", _POSTGRES, name, what))


async def measure_scaling(bench: Bench) -> None:
    """Measure releases → PostgreSQL with more processes on the same two cores."""
    dump = bench.dump(Entity.RELEASE, bench.sizes.releases)
    courses = {str(one): Course(_POSTGRES, [dump], workers=one) for one in _WORKERS}
    floors, found = await bench.by_turns("scaling", dump, courses)
    for name, turns in found.items():
        loads = [load for (load,) in turns]
        bench.keep(floors, figure_of(loads, "scaling", _POSTGRES, name, "releases"))


async def measure_size(bench: Bench) -> None:
    """Measure releases into an empty database and into a large one, each sink by itself."""
    floors = await _measure_empty(bench)
    for dump in bench.world(_grown(bench)).before_releases():
        floors[dump.entity] = await bench.floors("size", dump)
    for sink in TITLES:
        await attempt(bench.results, f"size: {sink}", partial(_measure_grown, bench, sink, floors))


async def _measure_empty(bench: Bench) -> Floors:
    dump = bench.dump(Entity.RELEASE, bench.sizes.releases)
    courses = {f"{sink}, empty": Course((sink,), [dump]) for sink in TITLES}
    floors, found = await bench.by_turns("size", dump, courses)
    for name, turns in found.items():
        loads = [load for (load,) in turns]
        sinks, what = courses[name].sinks, "by themselves, from fresh servers"
        into = "releases into an empty database"
        bench.keep(floors, first_load_of(loads, "size", sinks, into, what))
    return {Entity.RELEASE: floors}


async def _measure_grown(bench: Bench, sink: str, floors: Floors) -> None:
    """Load in a run's order, then the months after it, then so many more releases."""
    sinks, world = (sink,), bench.world(_grown(bench))
    before, months = world.before_releases(), world.months(bench.sizes.grown)
    more = world.dump(Entity.RELEASE, _grown(bench), len(months))
    loads = await bench.load("size", Course(sinks, [*before, *in_turn(months), more]))
    for load in loads[: len(before)]:
        entity, what = load.dump.entity, "in the order of a run"
        bench.keep(floors[entity], first_load_of([load], "size", sinks, entity.plural, what))
    releases, last = loads[len(before) : -1], loads[-1]
    what = f"{last.sent:,} of them are new, at the end of the dump"
    bench.keep(
        floors[Entity.RELEASE],
        *updates_of([releases], "size", sinks),
        figure_of([last], "size", sinks, "more releases", what),
    )
    bench.results.curves[key_of("size", sinks, FIRST)] = releases[0].curves[sink]


def _grown(bench: Bench) -> int:
    return bench.sizes.grown + bench.sizes.releases


async def measure_update(bench: Bench) -> None:
    """Measure the months of each sink by itself, and both at once, by turns with their floors.

    Artists, labels and masters are loaded before them.
    """
    world = bench.world(bench.sizes.updated)
    months, before = world.months(bench.sizes.updated), world.before_releases()
    courses = {"+".join(sinks): Course(sinks, in_turn(months), before) for sinks in TO}
    floors, found = await bench.by_turns("update", months[0], courses)
    for name, turns in found.items():
        bench.keep(floors, *updates_of(turns, "update", courses[name].sinks))


async def measure_cost(bench: Bench) -> None:
    """Measure what updates cost in the databases, and what PostgreSQL's settings do to that.

    Each sink by itself, then the distribution's PostgreSQL with each of the settings; once, for
    rows, bytes and transactions hardly differ from one time to the next.
    """
    for sink, title in TITLES.items():
        costs = partial(_measure_costs, bench, title, sink, TO[sink,])
        await attempt(bench.results, f"cost: {title}", costs)
    await attempt(bench.results, "cost: settings", partial(_measure_settings, bench))


async def _measure_settings(bench: Bench) -> None:
    version = DistributionPostgres.newest()
    for name, settings in _LOGS.items():
        print(f"  {name}", flush=True)
        own = partial(DistributionPostgres, own=settings)
        kinds: Kinds = {**TO["postgres",], "postgres": own}
        await _measure_costs(bench, f"PostgreSQL {version}, {name}", "postgres", kinds)


async def _measure_costs(bench: Bench, into: str, sink: str, kinds: Kinds) -> None:
    months = bench.world(bench.sizes.updated).months(bench.sizes.updated)
    loads = await bench.load("cost", Course((sink,), months, metered=True), kinds)
    keep_costs(bench.results, into, (FIRST, NEXT, LAST), loads)


LONG = {
    "entities": measure_entities,
    "scaling": measure_scaling,
    "size": measure_size,
    "update": measure_update,
    "cost": measure_cost,
    "profile": measure_profile,
}
"""All of them run on RabbitMQ."""
