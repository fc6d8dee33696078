"""Releases into an empty database and into a large one, each sink by itself."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from benchmarks import goals
from benchmarks.attempts import attempt
from benchmarks.data import Dump
from benchmarks.long.bench import LongBench, figure_of
from benchmarks.measure import Figure
from benchmarks.pipeline import Load
from benchmarks.servers import TITLES, TO_NEO4J, TO_POSTGRES, Kinds
from common.entities import LOAD_ORDER, Entity

GROUP = "size"
SINKS: Mapping[str, Kinds] = {"postgres": TO_POSTGRES, "neo4j": TO_NEO4J}
_GOALS: Mapping[str, Mapping[Entity, float]] = {
    "postgres": goals.POSTGRES,
    "neo4j": {Entity.RELEASE: goals.NEO4J},
}

Floors = Mapping[Entity, list[str]]
"""The keys of each entity's floors."""


def key_of(sink: str, name: str) -> str:
    """Return the key of a figure, and of a curve."""
    return f"{GROUP}: {sink}, {name}"


def measure_size(bench: LongBench) -> None:
    """Measure both sinks; what fails, or is not here, does not cost the rest."""
    dumps = [*_before(bench), bench.dump(Entity.RELEASE)]
    floors = {dump.entity: bench.floors(GROUP, dump) for dump in dumps}
    for sink in SINKS:
        for name, measure in (("empty", _measure_empty), ("grown", _measure_grown)):
            attempt(
                bench.results, f"{GROUP}: {sink}, {name}", partial(measure, bench, sink, floors)
            )


def _before(bench: LongBench) -> list[Dump]:
    """Return the dumps that come before the releases in a run."""
    return [bench.world.whole(entity) for entity in LOAD_ORDER[:-1]]


def _measure_empty(bench: LongBench, sink: str, floors: Floors) -> None:
    dump = bench.dump(Entity.RELEASE)
    loads = bench.repeated(GROUP, SINKS[sink], sink, dump)
    title = f"{TITLES[sink]}: {dump.records:,} releases into an empty database"
    what = "by themselves, from fresh servers"
    figure = figure_of(loads, key_of(sink, "empty"), GROUP, title, what)
    bench.results.add(_with_goal(figure, sink, Entity.RELEASE, floors))


def _measure_grown(bench: LongBench, sink: str, floors: Floors) -> None:
    """Load in a run's order, then the same releases again, then with so many more after them."""
    world, grown = bench.world, bench.sizes.grown
    before = _before(bench)
    many = world.dump(Entity.RELEASE, grown)
    more = world.dump(Entity.RELEASE, grown + bench.sizes.releases)
    loads = bench.loads(GROUP, SINKS[sink], sink, [*before, many, many, more])
    in_order = "in the order of a run"
    for dump, load in zip(before, loads, strict=False):
        figure = _figure(sink, dump.entity.plural, load, in_order)
        bench.results.add(_with_goal(figure, sink, dump.entity, floors))
    first, same, last = loads[len(before) :]
    figure = _figure(sink, "releases", first, f"{in_order}, after all they refer to")
    bench.results.add(_with_goal(figure, sink, Entity.RELEASE, floors))
    bench.results.curves[key_of(sink, "releases")] = first.curves[sink]
    for name, load, what in (
        ("unchanged", same, "the same dump again: nothing is sent"),
        ("more", last, f"a dump with {last.sent:,} more releases at its end"),
    ):
        figure = _figure(sink, name, load, what)
        bench.results.add(replace(figure, floors=floors[Entity.RELEASE]))


def _figure(sink: str, name: str, load: Load, what: str) -> Figure:
    title = f"{TITLES[sink]}: {load.dump.records:,} {load.dump.entity.plural}"
    if name == "unchanged":
        title += " again"
    elif name == "more":
        title += f", {load.sent:,} of them new"
    return figure_of([load], key_of(sink, name), GROUP, title, what)


def _with_goal(figure: Figure, sink: str, entity: Entity, floors: Floors) -> Figure:
    goal = _GOALS[sink].get(entity)
    if goal is None:
        return replace(figure, floors=floors[entity])
    return goals.with_goal(figure, goal, entity, floors[entity])
