"""One and two parse processes, one and two loaders; `model` says what more cores would do."""

from dataclasses import replace

from benchmarks.long.bench import LongBench, figure_of
from benchmarks.pipeline import Workers
from benchmarks.servers import TO_POSTGRES
from common.entities import Entity

GROUP = "scaling"
CORES = (2, 4, 8, 16, 32)
_WORKERS = (Workers(1, 1), Workers(2, 1), Workers(1, 2), Workers(2, 2))


def key_of(workers: Workers) -> str:
    """Return the key of the figure of so many processes."""
    return f"{GROUP}: {workers.parse} parse, {workers.loaders} loaders"


def measure_scaling(bench: LongBench) -> None:
    """Measure releases → PostgreSQL with more processes on the same two cores."""
    dump = bench.dump(Entity.RELEASE)
    floors, found = bench.by_turns(GROUP, TO_POSTGRES, "postgres", dump, _WORKERS)
    for workers, loads in zip(_WORKERS, found, strict=True):
        parsers, loaders = (
            _count(workers.parse, "parse process"),
            _count(workers.loaders, "loader"),
        )
        title = f"releases, {parsers}, {loaders}"
        what = "dump → RabbitMQ → PostgreSQL"
        figure = figure_of(loads, key_of(workers), GROUP, title, what)
        bench.results.add(replace(figure, floors=floors))


def _count(number: int, name: str) -> str:
    plural = f"{name}es" if name.endswith("s") else f"{name}s"
    return f"{number} {name if number == 1 else plural}"
