"""One and two parse processes, one and two loaders, on the same two cores."""

from dataclasses import replace

from benchmarks.loads import figure_of
from benchmarks.long.bench import LongBench
from benchmarks.pipeline import Course, Workers
from common.entities import Entity

GROUP = "scaling"
_WORKERS = (Workers(1, 1), Workers(2, 1), Workers(1, 2), Workers(2, 2))


def _key_of(workers: Workers) -> str:
    """Return the key of the figure of so many processes."""
    return f"{GROUP}: {workers.parse} parse, {workers.loaders} loaders"


def measure_scaling(bench: LongBench) -> None:
    """Measure releases → PostgreSQL with more processes on the same two cores."""
    dump = bench.dump(Entity.RELEASE)
    courses = {_name(one): Course(("postgres",), [dump], workers=one) for one in _WORKERS}
    floors, found = bench.by_turns(GROUP, dump, courses)
    for name, loads in found.items():
        key = _key_of(courses[name].workers)
        what = "dump → RabbitMQ → PostgreSQL"
        figure = figure_of([load for (load,) in loads], key, GROUP, f"releases, {name}", what)
        bench.results.add(replace(figure, floors=floors))


def _name(workers: Workers) -> str:
    parsers, loaders = _count(workers.parse, "parse process"), _count(workers.loaders, "loader")
    return f"{parsers}, {loaders}"


def _count(number: int, name: str) -> str:
    plural = f"{name}es" if name.endswith("s") else f"{name}s"
    return f"{number} {name if number == 1 else plural}"
