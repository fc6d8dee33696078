"""Releases into an empty database and into a large one, each sink by itself."""

from collections.abc import Mapping
from functools import partial

from benchmarks.attempts import attempt
from benchmarks.long.bench import LongBench, figure_of
from benchmarks.pipeline import Load
from benchmarks.servers import TITLES, TO_NEO4J, TO_POSTGRES, Kinds
from common.entities import LOAD_ORDER, Entity

GROUP = "size"
SINKS: Mapping[str, Kinds] = {"postgres": TO_POSTGRES, "neo4j": TO_NEO4J}


def key_of(sink: str, name: str) -> str:
    """Return the key of a figure, and of a curve."""
    return f"{GROUP}: {sink}, {name}"


def measure_size(bench: LongBench) -> None:
    """Measure both sinks; what fails, or is not here, does not cost the rest."""
    for sink in SINKS:
        for name, measure in (("empty", _measure_empty), ("grown", _measure_grown)):
            attempt(bench.results, f"{GROUP}: {sink}, {name}", partial(measure, bench, sink))


def _measure_empty(bench: LongBench, sink: str) -> None:
    dump = bench.dump(Entity.RELEASE)
    loads = bench.repeated(GROUP, SINKS[sink], sink, dump)
    title = f"{TITLES[sink]}: {dump.records:,} releases into an empty database"
    what = "by themselves, from fresh servers"
    bench.results.add(figure_of(loads, key_of(sink, "empty"), GROUP, title, what))


def _measure_grown(bench: LongBench, sink: str) -> None:
    """Load in a run's order, then the same releases again, then with so many more after them."""
    world, grown = bench.world, bench.sizes.grown
    before = [world.whole(entity) for entity in LOAD_ORDER[:-1]]
    many = world.dump(Entity.RELEASE, grown)
    more = world.dump(Entity.RELEASE, grown + bench.sizes.releases)
    loads = bench.loads(GROUP, SINKS[sink], sink, [*before, many, many, more])
    for dump, load in zip(before, loads, strict=False):
        _keep(bench, sink, dump.entity.plural, load, "in the order of a run")
    first, same, last = loads[len(before) :]
    _keep(bench, sink, "releases", first, "in the order of a run, after all they refer to")
    bench.results.curves[key_of(sink, "releases")] = first.curves[sink]
    _keep(bench, sink, "unchanged", same, "the same dump again: nothing is sent")
    _keep(bench, sink, "more", last, f"a dump with {last.sent:,} more releases at its end")


def _keep(bench: LongBench, sink: str, name: str, load: Load, what: str) -> None:
    title = f"{TITLES[sink]}: {load.dump.records:,} {load.dump.entity.plural}"
    if name == "unchanged":
        title += " again"
    elif name == "more":
        title += f", {load.sent:,} of them new"
    bench.results.add(figure_of([load], key_of(sink, name), GROUP, title, what))
