"""Each entity by itself into an empty PostgreSQL, beside gunzip alone and lxml alone."""

from benchmarks import goals
from benchmarks.loads import figure_of
from benchmarks.long.bench import LongBench
from benchmarks.pipeline import Course
from common.entities import Entity

GROUP = "entities"


def measure_entities(bench: LongBench) -> None:
    """Measure dump → RabbitMQ → PostgreSQL for each entity, by turns with its floors."""
    for entity in goals.POSTGRES:
        _measure_entity(bench, entity)


def _measure_entity(bench: LongBench, entity: Entity) -> None:
    dump = bench.dump(entity)
    course = Course(("postgres",), [dump])
    floors, found = bench.by_turns(GROUP, dump, {entity.plural: course})
    for loads in found.values():
        title = f"dump → RabbitMQ → PostgreSQL, {entity.plural}"
        what = "one parse process, one loader; tables, indexes and the comparison with the dump"
        repeated = [load for (load,) in loads]
        figure = figure_of(repeated, f"{GROUP}: {entity.plural}", GROUP, title, what)
        bench.results.add(goals.with_goal(figure, goals.POSTGRES[entity], entity, floors))
