"""Releases into an empty database and into a large one, each sink by itself."""

from dataclasses import replace
from functools import partial

from benchmarks import goals
from benchmarks.attempts import attempt
from benchmarks.loads import Load, figure_of
from benchmarks.long.bench import LongBench, before_releases, months_of
from benchmarks.measure import Figure
from benchmarks.pipeline import Course
from benchmarks.servers import TITLES
from benchmarks.updates import FIRST, in_turn, keep_updates
from benchmarks.updates import key_of as update_key
from common.entities import Entity

GROUP = "size"
SINKS = ("postgres", "neo4j")
EMPTY = "releases into an empty database"
MORE = "more releases"

Floors = dict[Entity, list[str]]
"""The keys of each entity's floors."""


def key_of(sink: str, name: str) -> str:
    """Return the key of a figure, and of a curve."""
    return update_key(GROUP, (sink,), name)


def measure_size(bench: LongBench) -> None:
    """Measure both sinks; what fails, or is not here, does not cost the rest."""
    floors = _measure_empty(bench)
    floors |= {dump.entity: bench.floors(GROUP, dump) for dump in before_releases(bench.world)}
    for sink in SINKS:
        attempt(bench.results, f"{GROUP}: {sink}", partial(_measure_grown, bench, sink, floors))


def _measure_empty(bench: LongBench) -> Floors:
    """Measure loads by turns with their floors; return these."""
    dump = bench.dump(Entity.RELEASE)
    courses = {f"{sink}, empty": Course((sink,), [dump]) for sink in SINKS}
    keys, found = bench.by_turns(GROUP, dump, courses)
    floors = {Entity.RELEASE: keys}
    for name, loads in found.items():
        (sink,) = courses[name].sinks
        what = "by themselves, from fresh servers"
        _keep(bench, sink, EMPTY, [load for (load,) in loads], what, floors)
    return floors


def _measure_grown(bench: LongBench, sink: str, floors: Floors) -> None:
    """Load in a run's order, then the months after it, then so many more releases."""
    world, grown = bench.world, bench.sizes.grown
    before, months = before_releases(world), months_of(world, grown)
    more = world.dump(Entity.RELEASE, grown + bench.sizes.releases, len(months))
    course = Course((sink,), [*before, *in_turn(months), more])
    *loads, last = bench.loads(GROUP, course)
    first, releases = loads[: len(before)], loads[len(before) :]
    for load in first:
        _keep(bench, sink, load.dump.entity.plural, [load], "in the order of a run", floors)
    keep_updates(bench.results, GROUP, (sink,), [releases], floors[Entity.RELEASE])
    bench.results.curves[key_of(sink, FIRST)] = releases[0].curves[sink]
    what = f"{last.sent:,} of them are new, at the end of the dump"
    figure = _figure(sink, MORE, [last], what)
    bench.results.add(replace(figure, floors=floors[Entity.RELEASE]))


def _keep(
    bench: LongBench, sink: str, name: str, loads: list[Load], what: str, floors: Floors
) -> None:
    """Keep a first load of an entity, with its goal and its floors."""
    entity = loads[0].dump.entity
    goal = goals.FIRST_LOAD[sink,].get(entity)
    figure = _figure(sink, name, loads, what)
    bench.results.add(goals.with_goal(figure, goal, entity, floors[entity]))


def _figure(sink: str, name: str, loads: list[Load], what: str) -> Figure:
    title = f"dump → RabbitMQ → {TITLES[sink]}, {name}"
    return figure_of(loads, key_of(sink, name), GROUP, title, what)
