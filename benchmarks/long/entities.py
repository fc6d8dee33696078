"""Each entity by itself into an empty PostgreSQL, beside gunzip alone and lxml alone."""

from functools import partial

from benchmarks import goals
from benchmarks.attempts import attempt
from benchmarks.long.bench import LongBench, figure_of
from benchmarks.pipeline import Workers
from benchmarks.servers import TO_POSTGRES
from common.entities import Entity

GROUP = "entities"


def measure_entities(bench: LongBench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL for each entity, beside its floors."""
    for entity in goals.POSTGRES:
        attempt(bench.results, f"{GROUP}: {entity.plural}", partial(_measure_entity, bench, entity))


def _measure_entity(bench: LongBench, entity: Entity) -> None:
    dump = bench.dump(entity)
    floors, (loads,) = bench.by_turns(GROUP, TO_POSTGRES, "postgres", dump, [Workers()])
    title = f"dump → RabbitMQ → PostgreSQL, {entity.plural}"
    what = "one parse process, one loader; tables, indexes and the comparison with the dump"
    figure = figure_of(loads, f"{GROUP}: {entity.plural}", GROUP, title, what)
    bench.results.add(goals.with_goal(figure, goals.POSTGRES[entity], entity, floors))
